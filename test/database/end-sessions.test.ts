/** Ending the sessions of many people at once, in a database of its own: elsewhere, others would lose theirs. */
import { createHash, randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { endSessions, networkOf } from '../../src/admin/end-sessions.ts';
import { type Db, openDb } from '../../src/store/db.ts';
import { listRevokedSessions } from '../../src/store/revoked-sessions.ts';
import { readMigrations, up } from '../../tooling/migrations.ts';
import { type OwnDatabase, ownDatabase } from '../support/own-database.ts';

let database: OwnDatabase;
let owner: Client;
let db: Db;

beforeAll(async () => {
  database = await ownDatabase();
  owner = await database.open();
  await up(owner, readMigrations('migrations'));
  const { NEON_HTTP_URL: neonHttpUrl } = inject('env');
  db = openDb({ databaseUrl: database.url, neonHttpUrl, databaseTimeoutMs: 20_000 });
});
afterAll(() => database.drop());
beforeEach(async () => {
  await owner.query('TRUNCATE users, user_sessions, revoked_sessions, security_events CASCADE');
});

const deps = () => ({ db, now: () => new Date() });
const acting = () =>
  ({ operator: 'bob', door: 'cli', reason: 'ticket 12', requestId: randomUUID() }) as const;
const HOUR_AGO = () => new Date(Date.now() - 3_600_000);

/** So many people with two sessions each, opened so many minutes ago. */
const people = (count: number, client: string, minutesAgo: number) =>
  owner.query(
    `WITH made AS (
       INSERT INTO users (id, email, name, password_changed_at, email_verified_at, created_at)
       SELECT uuidv7(), gen_random_uuid() || '@example.com', 'x', now(), now(), now()
       FROM generate_series(1, $1::int) RETURNING id)
     INSERT INTO user_sessions (id, user_id, secret_hash, last_used_at, idle_expires_at, expires_at, client, created_at)
     SELECT uuidv7(), id, 'x', at, now() + interval '1 day', now() + interval '1 day', $2, at
     FROM (SELECT id FROM made, generate_series(1, 2) ORDER BY id) both_of,
       (SELECT now() - $3 * interval '1 minute' AS at) opened`,
    [count, client, minutesAgo],
  );

const live = async () =>
  (await owner.query('SELECT id, client FROM user_sessions WHERE revoked_at IS NULL ORDER BY client')).rows;

test('everybody: all sessions end, a mark stands for them in the list, and each person has one event', async () => {
  await people(1_200, '192.0.2.1', 10);
  // Refreshed in this very moment, by an isolate whose clock is ahead: its token may be younger than the mark.
  const { rows } = await owner.query<{ id: string }>(
    `UPDATE user_sessions SET last_used_at = now() + interval '10 minutes'
     WHERE id = (SELECT id FROM user_sessions LIMIT 1) RETURNING id`,
  );
  const before = new Date();
  const told: number[] = [];
  const ending = await endSessions(deps(), { everyone: true }, acting(), (ended) => told.push(ended));
  expect(ending).toEqual({ sessions: 2_400, people: 1_200, ended: 2_400, left: 0 });
  expect(told).toEqual([1_000, 2_000, 2_400, 2_400]);
  const { digests, unlistedUntil } = await listRevokedSessions(db, HOUR_AGO(), 50_000);
  const refreshed = createHash('sha256')
    .update(rows[0]?.id ?? '')
    .digest()
    .subarray(0, 12);
  expect(digests).toBe(refreshed.toString('base64url'));
  expect(Number(unlistedUntil)).toBeGreaterThanOrEqual(before.getTime() - 1_000);
  const events = await owner.query(
    `SELECT e.kind, count(*)::int AS events, count(DISTINCT e.user_id)::int AS people, count(a.event_id)::int AS acts
     FROM security_events e LEFT JOIN admin_acts a ON a.event_id = e.id GROUP BY 1 ORDER BY 1`,
  );
  // Two sessions of one person may end in two batches.
  expect(events.rows).toMatchObject([
    { kind: 'admin.logged_out', people: 1_200 },
    { kind: 'admin.sessions_ended', events: 1, people: 0, acts: 1 },
  ]);
  const [{ events: count, acts }] = events.rows;
  expect(count).toBeLessThanOrEqual(1_202);
  expect(acts).toBe(count);
});

test('one network, or those since a time: the others go on, and a few are listed one by one, without a mark', async () => {
  await people(2, '192.0.2.1', 60);
  await people(3, '192.0.2.2', 5);
  const network = networkOf('192.0.2.1');
  expect(await endSessions(deps(), network, acting())).toEqual({ sessions: 4, people: 2, ended: 4, left: 0 });
  expect((await live()).map(({ client }) => client)).toEqual(Array(6).fill('192.0.2.2'));
  await people(2, '192.0.2.3', 60);
  const since = new Date(Date.now() - 10 * 60_000);
  expect(await endSessions(deps(), { opened: { since } }, acting())).toMatchObject({ ended: 6, left: 0 });
  expect((await live()).map(({ client }) => client)).toEqual(Array(4).fill('192.0.2.3'));
  const { digests, unlistedUntil } = await listRevokedSessions(db, HOUR_AGO(), 50_000);
  expect([digests.length, unlistedUntil]).toEqual([10 * 16, null]);
  expect(() => networkOf('192.0.2.0/24')).toThrow(/validation_failed/);
});

test('a session that a request holds is passed over without waiting, and ends in the next round', async () => {
  await people(3, '192.0.2.1', 10);
  const other = await database.open();
  await other.query('BEGIN');
  await other.query(
    'SELECT FROM user_sessions WHERE id = (SELECT max(id::text)::uuid FROM user_sessions) FOR UPDATE',
  );
  expect(await endSessions(deps(), { everyone: true }, acting())).toMatchObject({ ended: 5, left: 1 });
  await other.query('COMMIT');
  expect(await endSessions(deps(), { everyone: true }, acting())).toMatchObject({ ended: 1, left: 0 });
});

test('two operators at once: each session ends once', async () => {
  await people(600, '192.0.2.1', 10);
  const [one, other] = await Promise.all([
    endSessions(deps(), { everyone: true }, acting()),
    endSessions(deps(), { everyone: true }, acting()),
  ]);
  expect(one.ended + other.ended).toBe(1_200);
  // What one has passed over because the other held it, the other has ended.
  expect(await live()).toEqual([]);
});

test('who logs in after it has begun stays logged in', async () => {
  await people(1, '192.0.2.1', 10);
  await people(1, '192.0.2.9', -60);
  expect(await endSessions(deps(), { everyone: true }, acting())).toMatchObject({ ended: 2, left: 0 });
  expect(await live()).toHaveLength(2);
});
