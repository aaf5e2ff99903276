/**
 * When all files have run, each status and code that the OpenAPI document names must have been the answer to some test.
 * That the others are in the document is asserted at each answer (contract.ts).
 */
import { globSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

declare module 'vitest' {
  interface TaskMeta {
    /** As in contract.ts. */
    answers?: string[];
  }
}

type Ref<T> = T | { $ref: string };
type Problem = { oneOf?: Ref<Problem>[]; properties?: { code: { enum: string[] } } };
type Response = { content?: Record<string, { schema?: Ref<Problem> }> };
type Operation = { operationId: string; responses: Record<string, Ref<Response>> };
type Document = { paths: Record<string, Record<string, Operation>> };

export class NeverSeen implements Reporter {
  private vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const ran = new Set(modules.map(({ moduleId }) => relative('.', moduleId)));
    const isWhole =
      this.vitest?.config.testNamePattern === undefined &&
      globSync('test/**/*.test.ts').every((file) => ran.has(file));
    if (!isWhole) return;
    const seen = new Set(modules.flatMap((module) => module.meta().answers ?? []));
    const never = documentedAnswers().filter((answer) => !seen.has(answer));
    if (never.length === 0) return;
    process.exitCode = 1;
    process.stderr.write(`\nIn docs/openapi.json, and no test has seen it:\n  ${never.join('\n  ')}\n`);
  }
}

function documentedAnswers(): string[] {
  const document: Document = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));
  const resolved = <T>(found: Ref<T>): T => {
    if (typeof found !== 'object' || found === null || !('$ref' in found)) return found as T;
    // biome-ignore lint/suspicious/noExplicitAny: any part of the document
    const part: any = found.$ref
      .split('/')
      .slice(1)
      // biome-ignore lint/suspicious/noExplicitAny: any part of the document
      .reduce((whole: any, step) => whole[step], document);
    return resolved(part);
  };
  const codesOf = (found: Ref<Problem> | undefined): string[] => {
    const { oneOf, properties } = found === undefined ? {} : resolved(found);
    return oneOf ? oneOf.flatMap(codesOf) : (properties?.code.enum ?? []);
  };
  return Object.values(document.paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ operationId, responses }) =>
      Object.entries(responses).flatMap(([status, response]) => {
        if (Number(status) < 400) return [`${operationId} ${status}`];
        const schemas = Object.values(resolved(response).content ?? {}).map(({ schema }) => schema);
        return schemas.flatMap(codesOf).map((code) => `${operationId} ${status} ${code}`);
      }),
    );
}
