/**
 * The SQL-over-HTTP protocol of Neon, as @neondatabase/serverless 1.2 uses it, for any Executor. The results of
 * Postgres reach the driver unchanged: values as Postgres text, errors with every field of the server.
 */
import { z } from 'zod';
import { type Served, serveLoopback } from '../../tooling/loopback.ts';

/** With a name, the server keeps the plan of a query. The clients of Neon name none. */
export type Query = { query: string; params: (string | null)[]; name?: string };

export type Transaction = {
  isolation?: 'READ UNCOMMITTED' | 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';
  readOnly?: boolean;
  deferrable?: boolean;
};

type Field = {
  name: string;
  dataTypeID: number;
  tableID: number;
  columnID: number;
  dataTypeSize: number;
  dataTypeModifier: number;
  format: 'text';
};

export type Result = {
  fields: Field[];
  rows: (string | null)[][];
  command: string;
  rowCount: number | null;
};

export interface Executor {
  /** Runs the queries in order; with `transaction`, as one BEGIN..COMMIT where any error rolls back. Throws PostgresError. */
  run(connectionString: string, queries: Query[], transaction: Transaction | null): Promise<Result[]>;
  close(): Promise<void>;
}

/** The fields of an error as Neon sends them; what Postgres left out is null. */
export type PostgresErrorFields = Record<
  | ('message' | 'code' | 'severity' | 'detail' | 'hint' | 'where' | 'position')
  | ('internalPosition' | 'internalQuery' | 'schema' | 'table' | 'column' | 'dataType' | 'constraint')
  | ('file' | 'line' | 'routine'),
  string | null
>;

export class PostgresError extends Error {
  readonly fields: PostgresErrorFields;

  /** Converts an error of `pg`, which has the fields under these names. */
  constructor(error: { [Name in keyof PostgresErrorFields]?: string | null | undefined }) {
    super(error.message ?? 'unknown error');
    this.fields = {
      message: this.message,
      code: error.code ?? null,
      severity: error.severity ?? null,
      detail: error.detail ?? null,
      hint: error.hint ?? null,
      where: error.where ?? null,
      position: error.position ?? null,
      internalPosition: error.internalPosition ?? null,
      internalQuery: error.internalQuery ?? null,
      schema: error.schema ?? null,
      table: error.table ?? null,
      column: error.column ?? null,
      dataType: error.dataType ?? null,
      constraint: error.constraint ?? null,
      file: error.file ?? null,
      line: error.line ?? null,
      routine: error.routine ?? null,
    };
  }
}

/** The BEGIN of a transaction with the requested properties. */
export function beginStatement({ isolation, readOnly, deferrable }: Transaction): string {
  const parts = ['BEGIN'];
  if (isolation) parts.push(`ISOLATION LEVEL ${isolation}`);
  if (readOnly) parts.push('READ ONLY');
  if (deferrable) parts.push('DEFERRABLE');
  return parts.join(' ');
}

type Batch = { connectionString: string; queries: Query[]; transaction: Transaction | null };
type Options = {
  executor: Executor;
  /** Lets a test see, delay or fail a request, or change its answer by what it returns. */
  beforeRun?: (request: { connectionString: string; queries: Query[] }) => Promise<Spoil | undefined>;
};

export type Spoil = (answer: Response) => Response;

/** On a port of this machine. */
export async function serveNeonHttp(options: Options): Promise<Served> {
  const served = await serveLoopback((request) => answerNeon(request, options), 0);
  return { ...served, url: `${served.url}/sql` };
}

export async function answerNeon(request: Request, options: Options): Promise<Response> {
  const batch = await readBatch(request);
  if (typeof batch === 'string') return Response.json({ message: batch }, { status: 400 });
  try {
    const spoil = await options.beforeRun?.(batch);
    const { connectionString, queries, transaction } = batch;
    const results = await options.executor.run(connectionString, queries, transaction);
    const answers = results.map((result) => ({ ...result, rowAsArray: true }));
    const answer = Response.json(transaction ? { results: answers } : answers[0]);
    return spoil ? spoil(answer) : answer;
  } catch (error) {
    if (error instanceof PostgresError) return Response.json(error.fields, { status: 400 });
    return new Response(error instanceof Error ? error.message : String(error), { status: 500 });
  }
}

const Statement = z.object({ query: z.string(), params: z.array(z.string().nullable()).default([]) });
const Body = z.union([Statement, z.object({ queries: z.array(Statement) })]);
const ISOLATION = new Map<string, NonNullable<Transaction['isolation']>>([
  ['ReadUncommitted', 'READ UNCOMMITTED'],
  ['ReadCommitted', 'READ COMMITTED'],
  ['RepeatableRead', 'REPEATABLE READ'],
  ['Serializable', 'SERIALIZABLE'],
]);

/** The queries of the request, or what is wrong with it. */
async function readBatch(request: Request): Promise<Batch | string> {
  const { headers, method, url } = request;
  if (method !== 'POST' || new URL(url).pathname !== '/sql') return 'only POST /sql is served';
  // A page of another site cannot send this header without a preflight. So it cannot reach the database of a developer.
  const connectionString = headers.get('neon-connection-string');
  if (connectionString === null) return 'missing Neon-Connection-String';
  if (headers.get('neon-raw-text-output') !== 'true' || headers.get('neon-array-mode') !== 'true') {
    return 'only raw text in arrays is served';
  }
  const body = Body.safeParse(await request.json().catch(() => null));
  if (!body.success) return z.prettifyError(body.error);
  if (!('queries' in body.data)) return { connectionString, queries: [body.data], transaction: null };

  const level = headers.get('neon-batch-isolation-level');
  const isolation = ISOLATION.get(level ?? '');
  if (level !== null && !isolation) return `unknown isolation level: ${level}`;
  const transaction: Transaction = {
    ...(isolation && { isolation }),
    readOnly: headers.get('neon-batch-read-only') === 'true',
    deferrable: headers.get('neon-batch-deferrable') === 'true',
  };
  return { connectionString, queries: body.data.queries, transaction };
}
