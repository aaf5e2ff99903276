/** The tool that statements are made with: what it promises each verb of the store. */
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { Caller } from '../../src/caller.ts';
import { openDb } from '../../src/store/db.ts';
import { event } from '../../src/store/events.ts';
import { column, run, statement } from '../../src/store/statement.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';

const now = new Date();
const callerOf = (requestId: string) =>
  ({ client: null, userAgent: null, place: null, requestId, trace: { events: [] } }) satisfies Caller;

test('every event that a statement appends is noted for the log, whatever the statement answers', async () => {
  const db = openDb(startGatehouse().config);
  const caller = callerOf(crypto.randomUUID());
  const appending = statement({
    parts: {
      one: event({ kind: 'login.failed', caller, at: now, reason: 'wrong_password' }),
      two: event({ kind: 'spray.suspected', caller, at: now }),
      none: event({ kind: 'password.disabled', caller, at: now }, sql`WHERE false`),
    },
    select: sql`SELECT 1 AS n WHERE false`,
    row: { n: column.integer },
  });
  expect(await run(db, appending, { caller })).toEqual([]);
  const written = await query<{ kind: string }>('SELECT kind FROM security_events WHERE request_id = $1', [
    caller.requestId,
  ]);
  expect([...caller.trace.events].sort()).toEqual(written.map(({ kind }) => kind).sort());
  expect([...caller.trace.events].sort()).toEqual(['login.failed', 'spray.suspected']);
  expect(caller.trace).toMatchObject({ reason: 'wrong_password' });
});

test('the answer has its rows, whether events were appended or not', async () => {
  const db = openDb(startGatehouse().config);
  const caller = callerOf(crypto.randomUUID());
  const answering = (from: string) =>
    statement({
      parts: { one: event({ kind: 'logout', caller, at: now }, sql.raw(from)) },
      select: sql`SELECT n, ${now.toISOString()}::timestamptz AS at FROM generate_series(1, 2) n`,
      row: { n: column.integer, at: column.instant },
    });
  const rows = [1, 2].map((n) => ({ n, at: now }));
  expect(await run(db, answering(''), { caller })).toEqual(rows);
  expect(await run(db, answering('WHERE false'), { caller })).toEqual(rows);
  expect(caller.trace.events).toEqual(['logout']);
});

test('a row that is not what the verb declared is refused, not handed on', async () => {
  const db = openDb(startGatehouse().config);
  const wrong = statement({ select: sql`SELECT NULL::uuid AS id`, row: { id: column.uuid } });
  await expect(run(db, wrong)).rejects.toThrow(/id/);
});
