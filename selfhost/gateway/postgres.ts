/**
 * Runs the queries of the Neon endpoint on a real Postgres with `pg`. One pool for each database, so requests really
 * run in parallel. Values stay Postgres text. A failure inside of a transaction rolls it back.
 */
import type { ConnectionOptions } from 'node:tls';
import { DatabaseError, Pool, type PoolClient, type QueryArrayConfig } from 'pg';
import {
  beginStatement,
  type Executor,
  PostgresError,
  type Query,
  type Result,
  type Transaction,
} from './neon-http.ts';

/** Of each pool. Without a limit a request waits for as long as it takes. */
export type PoolOptions = {
  size?: number;
  /** How long a request waits for a connection: for a free one of the pool, or until a new one is open. */
  waitMs?: number;
  /** Postgres cancels a statement that runs longer. */
  statementMs?: number;
  /** True: with TLS, and the certificates that Node trusts. */
  tls?: boolean | ConnectionOptions;
};

const POOL_SIZE = 20;
const SILENCE_MS = 1_000;

export type PooledExecutor = Executor & {
  /** Connections, and how many requests wait for one. */
  load(): { open: number; idle: number; waiting: number };
};

export function createPostgresExecutor(options: PoolOptions = {}): PooledExecutor {
  const pools = new Map<string, Pool>();
  return {
    async run(connectionString, queries, transaction) {
      try {
        return await runPooled(poolFor(pools, connectionString, options), queries, transaction);
      } catch (error) {
        throw error instanceof DatabaseError ? new PostgresError(error) : error;
      }
    },
    load() {
      const all = [...pools.values()];
      const sum = (count: (pool: Pool) => number) => all.reduce((total, pool) => total + count(pool), 0);
      return {
        open: sum((pool) => pool.totalCount),
        idle: sum((pool) => pool.idleCount),
        waiting: sum((pool) => pool.waitingCount),
      };
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
      pools.clear();
    },
  };
}

/** Parameters of a connection string that would override `tls`. */
const TLS_PARAMETERS = ['ssl', 'sslmode', 'sslcert', 'sslkey', 'sslrootcert', 'uselibpqcompat'];

export function withoutTlsParameters(connectionString: string): string {
  const address = new URL(connectionString);
  for (const name of TLS_PARAMETERS) address.searchParams.delete(name);
  return address.href;
}

/** Clients that differ only in their application name share a pool. */
function poolFor(pools: Map<string, Pool>, connectionString: string, options: PoolOptions): Pool {
  const url = new URL(connectionString);
  url.searchParams.delete('application_name');
  const known = pools.get(url.href);
  if (known) return known;

  const pool = openPool(url.href, options.size ?? POOL_SIZE, options);
  pools.set(url.href, pool);
  return pool;
}

/**
 * The server may close a connection at any time. The pool then drops it, and its query fails. But an 'error' event
 * without a listener would end Node.
 */
export function openPool(
  connectionString: string,
  max: number,
  { waitMs, statementMs, tls }: PoolOptions = {},
): Pool {
  const pool = new Pool({
    connectionString,
    max,
    keepAlive: true,
    ...(waitMs !== undefined && { connectionTimeoutMillis: waitMs }),
    // The server ends the work; the pool gives up on a server that says nothing, and drops the connection.
    ...(statementMs !== undefined && {
      statement_timeout: statementMs,
      query_timeout: statementMs + SILENCE_MS,
    }),
    ...(tls !== undefined && { ssl: tls }),
  });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

async function runPooled(pool: Pool, queries: Query[], transaction: Transaction | null): Promise<Result[]> {
  const client = await pool.connect();
  let reusable = false;
  try {
    const results = transaction
      ? await runTransaction(client, queries, transaction)
      : await runInOrder(client, queries);
    reusable = true;
    return results;
  } catch (error) {
    // FATAL and PANIC announce that the server hangs up; the socket may still look open.
    reusable = error instanceof DatabaseError && error.severity === 'ERROR';
    throw error;
  } finally {
    client.release(!reusable);
  }
}

async function runTransaction(
  client: PoolClient,
  queries: Query[],
  transaction: Transaction,
): Promise<Result[]> {
  await client.query(beginStatement(transaction));
  try {
    const results = await runInOrder(client, queries);
    await client.query('COMMIT');
    return results;
  } catch (error) {
    // Any other error means that the connection failed: it is closed, and Postgres rolls back by itself.
    if (error instanceof DatabaseError) await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function runInOrder(client: PoolClient, queries: Query[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const query of queries) results.push(await runOne(client, query));
  return results;
}

async function runOne(client: PoolClient, { query, params, name }: Query): Promise<Result> {
  // The extended protocol takes one statement a query, as Neon does; @types/pg does not know the option.
  const config: QueryArrayConfig & { queryMode: 'extended' } = {
    text: query,
    ...(name && { name }),
    values: params,
    rowMode: 'array',
    queryMode: 'extended',
    types: { getTypeParser: () => (value: string) => value },
  };
  const result = await client.query<(string | null)[]>(config);
  return {
    fields: result.fields.map((field) => ({
      name: field.name,
      dataTypeID: field.dataTypeID,
      tableID: field.tableID,
      columnID: field.columnID,
      dataTypeSize: field.dataTypeSize,
      dataTypeModifier: field.dataTypeModifier,
      format: 'text',
    })),
    rows: result.rows,
    command: result.command,
    rowCount: result.rowCount,
  };
}
