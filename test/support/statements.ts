/**
 * Records what an app under test does at the database, where a test asks for it: each statement of each trip, without
 * its values, with the rows it gave and the rows it wrote, by table. Postgres counts those itself, also what a CTE, a
 * trigger or a cascade wrote; its counters are read after each statement, inside the same transaction.
 */
import { Hono } from 'hono';
import type { Executor, Query, Result } from '../../selfhost/gateway/neon-http.ts';

export type Statement = {
  /** Without values: each literal text is `''`, and white space is not told apart. */
  sql: string;
  rows: number | null;
  /** Rows inserted or updated, by table. */
  written: Record<string, number>;
  deleted: Record<string, number>;
};

const COUNTERS: Query = {
  query: `SELECT relname, n_tup_ins + n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables
    WHERE n_tup_ins + n_tup_upd + n_tup_del > 0`,
  params: [],
};

export function recordingExecutor(executor: Executor): { executor: Executor; routes: Hono } {
  const recorded = new Map<string, Statement[][]>();
  const routes = new Hono()
    .put('/statements/:app', (c) => {
      recorded.set(c.req.param('app'), []);
      return c.json(true);
    })
    .delete('/statements/:app', (c) => {
      const trips = recorded.get(c.req.param('app')) ?? [];
      recorded.delete(c.req.param('app'));
      return c.json(trips);
    });
  const run: Executor['run'] = async (connectionString, queries, transaction) => {
    const trips = recorded.get(new URL(connectionString).searchParams.get('application_name') ?? '');
    if (trips === undefined) return executor.run(connectionString, queries, transaction);
    // In one transaction also what came alone, or there would be no counters to read.
    const results = await executor.run(
      connectionString,
      [COUNTERS, ...queries.flatMap((query) => [query, COUNTERS])],
      transaction ?? {},
    );
    trips.push(queries.map((query, index) => statementOf(query, results.slice(2 * index, 2 * index + 3))));
    return results.filter((_, index) => index % 2 === 1);
  };
  return { executor: { run, close: () => executor.close() }, routes };
}

/** What a connection has counted before stays in its counters for a while: what counts is the difference. */
function statementOf({ query }: Query, [before, own, after]: Result[]): Statement {
  const grown = (column: 1 | 2) => {
    const start = new Map(before?.rows.map((row) => [row[0], Number(row[column])]));
    const counts = (after?.rows ?? []).map((row): [string, number] => [
      row[0] ?? '',
      Number(row[column]) - (start.get(row[0] ?? '') ?? 0),
    ]);
    return Object.fromEntries(counts.filter(([, count]) => count > 0).sort());
  };
  return {
    sql: query
      .replaceAll(/'[^']*'/g, "''")
      .replaceAll(/\s+/g, ' ')
      .trim(),
    rows: own?.rowCount ?? null,
    written: grown(1),
    deleted: grown(2),
  };
}
