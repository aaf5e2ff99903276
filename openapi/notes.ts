/** What the document says of a schema, found by identity: the schemas themselves are the Worker's and hold no prose. */
import { zodToOpenAPIRegistry } from '@asteasolutions/zod-to-openapi';
import type { z } from 'zod';

type Notes = {
  description?: string;
  example?: unknown;
  format?: string;
  type?: 'string' | 'integer';
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  default?: number;
};
type Metadata = Parameters<typeof zodToOpenAPIRegistry.add>[1];

export const note = (schema: z.ZodType, notes: Notes) => zodToOpenAPIRegistry.add(schema, notes as Metadata);

/** The schema becomes `#/components/schemas/<name>`, also where two schemas are one list of words. */
export const component = (schema: z.ZodType, name: string, description: string) =>
  zodToOpenAPIRegistry.add(schema, { _internal: { refId: name }, description } as Metadata);

/** The name of the component that the schema is, if it is one. */
export const componentOf = (schema: z.ZodType): string | undefined =>
  zodToOpenAPIRegistry.get(schema)?._internal?.refId;
