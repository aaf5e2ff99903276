/** Schema -> value or the refusal `validation_failed`. Messages name the rule; they never repeat the value. */
import type { z } from 'zod';
import { type FieldError, Refusal } from '../refusal.ts';

const MAX_ERRORS = 20;
const MAX_PATH = 100;

export function validate<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap(fieldErrors).slice(0, MAX_ERRORS);
  throw new Refusal('validation_failed', { members: { errors } });
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: dotted([...issue.path, key]), message: 'is not a known field' }));
  }
  return [{ path: dotted(issue.path), message: issue.message }];
}

/** A path can hold a key of the sender's choosing: bounded, and of what our own names are made of. */
const dotted = (path: PropertyKey[]) =>
  path
    .map(String)
    .join('.')
    .slice(0, MAX_PATH)
    .replace(/[^\w.-]/g, '?');
