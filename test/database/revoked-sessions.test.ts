/** What the triggers write whenever a session ends, and what is listed of it when it is too much for a list. */
import { createHash, randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { createVerifier, type VerifyError } from '../../packages/verify/src/index.ts';
import { readApiConfig } from '../../src/config/read.ts';
import { later } from '../../src/lib/time.ts';
import { type Db, openDb } from '../../src/store/db.ts';
import { sweepRevokedSessions } from '../../src/store/expiry.ts';
import { listRevokedSessions } from '../../src/store/revoked-sessions.ts';
import { mintAccessToken, publishedKeys } from '../../src/token/access.ts';
import { signRevocations } from '../../src/token/revocations.ts';
import { type OwnDatabase, ownDatabase } from '../support/own-database.ts';

let database: OwnDatabase;
let owner: Client;
let db: Db;

beforeAll(async () => {
  database = await ownDatabase();
  owner = await database.open();
  const { NEON_HTTP_URL: neonHttpUrl } = inject('env');
  db = openDb({ databaseUrl: database.url, neonHttpUrl, databaseTimeoutMs: 20_000 });
});
afterAll(() => database.drop());
beforeEach(async () => {
  await owner.query('TRUNCATE users, user_sessions, revoked_sessions CASCADE');
});

const digestOf = (id: string) => createHash('sha256').update(id).digest().subarray(0, 12);

const HOUR_AGO = () => new Date(Date.now() - 3_600_000);
const listed = (digests: string) => digests.match(/.{16}/g) ?? [];

/** So many people with a session each. */
const people = (count: number) =>
  owner.query(
    `WITH made AS (
       INSERT INTO users (id, email, name, password_changed_at, email_verified_at, created_at)
       SELECT gen_random_uuid(), gen_random_uuid() || '@example.com', 'x', now(), now(), now()
       FROM generate_series(1, $1::int) RETURNING id)
     INSERT INTO user_sessions (id, user_id, secret_hash, last_used_at, idle_expires_at, expires_at, created_at)
     SELECT gen_random_uuid(), id, 'x', now(), now() + interval '1 day', now() + interval '1 day', now() FROM made`,
    [count],
  );

/** Entries that ended so many seconds ago. */
async function entries(...ages: number[]): Promise<string[]> {
  const ids = ages.map(() => randomUUID());
  for (const [index, id] of ids.entries())
    await owner.query(`INSERT INTO revoked_sessions VALUES ($1, now() - $2 * interval '1 second')`, [
      digestOf(id),
      ages[index],
    ]);
  return ids.map((id) => digestOf(id).toString('base64url'));
}

test('what does not fit is refused by time: the newest are listed, and the rest ended before a moment', async () => {
  const [oldest, older, newer, newest] = await entries(40, 30, 20, 10);
  const all = await listRevokedSessions(db, HOUR_AGO(), 4);
  expect(listed(all.digests).sort()).toEqual([oldest, older, newer, newest].sort());
  expect(all.unlistedUntil).toBeNull();
  const some = await listRevokedSessions(db, HOUR_AGO(), 2);
  expect(listed(some.digests).sort()).toEqual([newer, newest].sort());
  const age = (Date.now() - Number(some.unlistedUntil)) / 1_000;
  expect(age).toBeGreaterThan(29);
});

test('of those that ended at one moment none is listed when not all can be', async () => {
  const [newest] = await entries(10, 20);
  await owner.query(
    `INSERT INTO revoked_sessions SELECT substring(sha256(n::text::bytea) FOR 12), now() - interval '20 seconds'
     FROM generate_series(1, 5) n`,
  );
  expect(listed((await listRevokedSessions(db, HOUR_AGO(), 3)).digests)).toEqual([newest]);
});

test('when the sessions of everybody end in one statement, each is listed or ended by the moment that is told', async () => {
  await people(2_000);
  await owner.query(`UPDATE user_sessions SET revoked_at = now(), revoked_reason = 'revoked'`);
  const { digests, unlistedUntil } = await listRevokedSessions(db, HOUR_AGO(), 500);
  const { rows } = await owner.query<{ digest: Buffer; at: Date }>(
    'SELECT digest, revoked_at AS at FROM revoked_sessions',
  );
  expect(rows).toHaveLength(2_000);
  const named = new Set(listed(digests));
  expect(named.size).toBeLessThanOrEqual(500);
  for (const { digest, at } of rows)
    if (!named.has(digest.toString('base64url')))
      expect(Number(at)).toBeLessThanOrEqual(Number(unlistedUntil) + 1);
});

test('with 60,000 ends there are 50,000 entries, 800 KB', async () => {
  await owner.query(
    `INSERT INTO revoked_sessions SELECT substring(sha256(n::text::bytea) FOR 12), now() - n * interval '1 millisecond'
     FROM generate_series(1, 60000) n`,
  );
  const { digests, unlistedUntil } = await listRevokedSessions(db, HOUR_AGO(), 50_000);
  expect(digests).toMatch(/^[A-Za-z0-9_-]{800000}$/);
  expect(unlistedUntil).not.toBeNull();
});

test('past 50,000 ends a service refuses by time what the list has no place for, listed sessions by name, and no new token', async () => {
  await people(4);
  const { rows } = await owner.query<{ id: string }>('SELECT id FROM user_sessions');
  const [unlisted = '', listedOne = '', live = '', renewed = ''] = rows.map(({ id }) => id);
  const end = (id: string, age: number) =>
    owner.query(`UPDATE user_sessions SET revoked_at = now() - $2 * interval '1 second' WHERE id = $1`, [
      id,
      age,
    ]);
  await end(unlisted, 40);
  await end(listedOne, 10);
  await owner.query(
    `UPDATE revoked_sessions SET revoked_at = now() - CASE WHEN digest = $1 THEN 40 ELSE 10 END * interval '1 second'`,
    [digestOf(unlisted)],
  );
  await owner.query(
    `INSERT INTO revoked_sessions SELECT substring(sha256(n::text::bytea) FOR 12), now() - interval '20 seconds'
     FROM generate_series(1, 49999) n`,
  );
  const config = readApiConfig(inject('env'));
  const now = new Date();
  const tokenOf = async (sessionId: string, age: number) => {
    const at = new Date(now.getTime() - age * 1_000);
    const grant = {
      userId: randomUUID(),
      sessionId,
      amr: ['pwd'],
      authenticatedAt: at,
      expiresAt: later(at, 3_600),
    };
    return (await mintAccessToken(config, grant, at)).token;
  };
  const list = await listRevokedSessions(db, HOUR_AGO(), 50_000);
  expect(listed(list.digests)).toHaveLength(50_000);
  const signed = await signRevocations(
    config,
    { digests: list.digests, notBefore: list.unlistedUntil ?? undefined },
    now,
  );
  const verifier = createVerifier({
    issuer: config.issuer,
    audience: config.audience,
    fetch: async (url) =>
      url.endsWith('revoked-sessions')
        ? new Response(signed)
        : Response.json({ keys: publishedKeys(config.accessTokenKeys) }),
  });
  const judged = async (sessionId: string, age: number) =>
    verifier.verify(await tokenOf(sessionId, age)).then(
      () => 'ok',
      (error: VerifyError) => error.code,
    );
  expect(await judged(unlisted, 60)).toBe('invalid_token');
  expect(await judged(listedOne, 15)).toBe('invalid_token');
  // Not ended, but as old as one that has no place: its next refresh gives a token that passes.
  expect(await judged(live, 60)).toBe('invalid_token');
  expect([await judged(live, 0), await judged(renewed, 30)]).toEqual(['ok', 'ok']);
});

test('a deletion of people publishes the sessions that were live, and the sweep of expired ones nothing', async () => {
  await people(3);
  await owner.query(`UPDATE user_sessions SET expires_at = now() - interval '2 hours'
    WHERE id = (SELECT id FROM user_sessions LIMIT 1)`);
  const { rows } = await owner.query<{ id: string }>('SELECT id FROM user_sessions WHERE expires_at > now()');
  await owner.query('DELETE FROM users');
  const { digests } = await listRevokedSessions(db, HOUR_AGO(), 10);
  expect(listed(digests).sort()).toEqual(rows.map(({ id }) => digestOf(id).toString('base64url')).sort());
});

test('an entry is swept when no token that it refuses can be alive, and not before', async () => {
  const [young] = await entries(3_600, 7_300);
  expect(await sweepRevokedSessions(db, new Date())).toBe(1);
  expect(listed((await listRevokedSessions(db, new Date(0), 10)).digests)).toEqual([young]);
});
