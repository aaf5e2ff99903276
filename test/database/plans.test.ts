/** Every statement of the store, explained on 20,000 people: none reads a large table from end to end, nor a person's past. */
import { globSync, readFileSync } from 'node:fs';
import { neonConfig } from '@neondatabase/serverless';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { importVerbs } from '../../dev/import-verbs.ts';
import { verbs } from '../../dev/store-verbs.ts';
import { BY_HAND } from '../../dev/upkeep-verbs.ts';
import { type Db, openDb } from '../../src/store/db.ts';
import { type OwnDatabase, ownDatabase, withoutAutovacuum } from '../support/own-database.ts';

const PEOPLE = 20_000;

let database: OwnDatabase;
let client: Client;

beforeAll(async () => {
  database = await ownDatabase();
  client = await database.open();
  await withoutAutovacuum(client);
  for (const statement of fill) await client.query(statement, statement.includes('$1') ? [PEOPLE] : []);
}, 180_000);
afterAll(() => database.drop());

/** Nine in ten are accounts; each has a session, one that ended, a mail and an event; every tenth mail is still to be sent. */
const fill = [
  // The rows are right by construction: checking every foreign key would take twice as long.
  `SET session_replication_role = replica`,
  `INSERT INTO users (id, email, name, password_hash, password_changed_at, email_verified_at, pending_expires_at, created_at)
   SELECT uuidv7(), 'person-' || n || '@example.com', 'x', 'x', now(), CASE WHEN n % 10 > 0 THEN now() END,
     CASE WHEN n % 10 = 0 THEN now() + interval '1 day' END, now() - n * interval '1 second' FROM generate_series(1, $1::int) n`,
  `INSERT INTO user_sessions (id, user_id, secret_hash, last_used_at, idle_expires_at, expires_at, created_at)
   SELECT uuidv7(), id, sha256(id::text::bytea), now(), now() + interval '7 days', now() + interval '30 days', now() FROM users`,
  `INSERT INTO user_sessions (id, user_id, secret_hash, last_used_at, idle_expires_at, expires_at, created_at, revoked_at)
   SELECT uuidv7(), user_id, secret_hash, last_used_at, idle_expires_at, expires_at, created_at, now() FROM user_sessions`,
  `INSERT INTO verification_tokens (id, user_id, purpose, recipient_key, mail_id, key_id, code_mac, code_expires_at, expires_at, created_at)
   SELECT uuidv7(), id, 'verify_email', sha256(email::bytea), uuidv7(), 'k1', 'x', now(), now() + interval '1 day', now() FROM users`,
  `INSERT INTO security_events (id, kind, user_id, occurred_at)
   SELECT uuidv7(), 'login.success', id, created_at - random() * interval '100 days' FROM users`,
  `INSERT INTO email_outbox (id, kind, user_id, recipient, recipient_key, status, created_at)
   SELECT uuidv7(), 'verify_email', id, email, sha256(email::bytea), CASE WHEN random() < 0.1 THEN 'pending' ELSE 'sent' END, created_at FROM users`,
  `INSERT INTO password_reset_tokens (id, user_id, recipient_key, key_id, expires_at, created_at)
   SELECT uuidv7(), id, sha256(email::bytea), 'k1', now() + interval '1 hour', now() FROM users`,
  `INSERT INTO totp_factors (user_id, sealed, key_id, created_at) SELECT id, sha256(email::bytea), 'k1', now() FROM users`,
  `INSERT INTO recovery_codes (user_id, set_id, key_id, created_at) SELECT id, uuidv7(), 'k1', now() FROM users`,
  `INSERT INTO email_change_undos (id, mail_id, user_id, email, expires_at, created_at)
   SELECT uuidv7(), uuidv7(), id, 'old-' || email, now() + interval '72 hours', now() FROM users`,
  `INSERT INTO failed_login_attempts (key, owner_key, failures, in_a_row, window_ends_at, expires_at)
   SELECT sha256(id::text::bytea), sha256(email::bytea), 1, 1, now(), now() + n * interval '1 second'
   FROM (SELECT id, email, row_number() OVER () AS n FROM users) numbered`,
  `INSERT INTO passkeys (id, user_id, rp_id, credential_id, public_key, backup_eligible, backed_up, name, created_at)
   SELECT uuidv7(), id, 'localhost', sha256(id::text::bytea), 'x', true, true, 'x', created_at FROM users`,
  `INSERT INTO revoked_sessions SELECT substring(sha256(id::text::bytea) FOR 12), created_at - interval '1 hour' FROM users`,
  `INSERT INTO rate_limit_fallback (key, count, expires_at)
   SELECT id::text, 1, created_at + interval '7 days' FROM users`,
  `INSERT INTO mail_suppressions (address, reason, created_at)
   SELECT email, 'bounced', created_at FROM users`,
  `INSERT INTO admin_acts (event_id, operator, door, reason) SELECT id, 'bob', 'cli', 'x' FROM security_events`,
  `INSERT INTO factor_removals (id, user_id, due_at, created_at)
   SELECT uuidv7(), id, created_at + interval '9 days', created_at FROM users`,
  `UPDATE email_outbox SET finished_at = created_at WHERE status = 'sent'`,
  `SET session_replication_role = origin`,
  'ANALYZE',
];

type Sent = { query: string; params: unknown[] };

const known = new Map<string, Sent[]>();

/** The statements that a verb really sends, with the parameters it sends. It is called once: some cannot be repeated. */
async function sentBy(name: string): Promise<Sent[]> {
  const sent = known.get(name) ?? (await sentOnce(verbs[name] ?? (() => Promise.resolve())));
  known.set(name, sent);
  return sent;
}

async function sentOnce(verb: (db: Db) => Promise<unknown>): Promise<Sent[]> {
  const db = openDb({
    databaseUrl: database.url,
    neonHttpUrl: inject('env').NEON_HTTP_URL,
    databaseTimeoutMs: 60_000,
  });
  const send = neonConfig.fetchFunction as (input: string, init: { body: string }) => Promise<Response>;
  const sent: Sent[] = [];
  neonConfig.fetchFunction = (input: string, init: { body: string }) => {
    const body = JSON.parse(init.body);
    sent.push(...(body.queries ?? [body]));
    return send(input, init);
  };
  await verb(db);
  return sent;
}

type Plan = { 'Node Type': string; 'Relation Name'?: string; 'Index Name'?: string; Plans?: Plan[] };

/** The plan and all that it is made of. */
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

async function explain({ query, params }: Sent): Promise<Plan[]> {
  const { rows } = await client.query(`EXPLAIN (FORMAT JSON) ${query}`, params);
  return nodesOf(rows[0]['QUERY PLAN'][0].Plan);
}

/** The tables that are read from end to end. */
const scanned = (nodes: Plan[]): string[] =>
  nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name'] ?? '');

/** The indexes by which a verb finds sessions. */
async function sessionIndexes(name: string): Promise<string[]> {
  const nodes = (await Promise.all((await sentBy(name)).map(explain))).flat();
  const names = nodes.flatMap((node) => node['Index Name'] ?? []);
  return [...new Set(names.filter((name) => name.startsWith('user_sessions')))].toSorted();
}

test('every verb of the store is in dev/store-verbs.ts', () => {
  const exported = globSync('src/store/*.ts', { exclude: ['src/store/statement.ts'] }).flatMap((path) =>
    [
      ...readFileSync(path, 'utf8').matchAll(/^export (?:async )?function (\w+)(?:<[^(]+>)?\(\s*db: Db/gm),
    ].map(([, name]) => name),
  );
  expect(exported.sort()).toEqual(Object.keys(verbs).sort());
});

test.each(Object.keys(verbs).filter((name) => !BY_HAND.includes(name) && !(name in importVerbs)))(
  '%s finds its rows by an index',
  async (name) => {
    const statements = await sentBy(name);
    expect(statements.length).toBeGreaterThan(0);
    for (const statement of statements)
      expect(scanned(await explain(statement)), statement.query).toEqual([]);
  },
);

test('a search without an index is noticed', async () => {
  expect(scanned(await explain({ query: 'SELECT * FROM users WHERE name = $1', params: ['y'] }))).toEqual([
    'users',
  ]);
});

test('a request finds its session by the id, and the others of its person without those that have ended', async () => {
  const [byId, byPerson] = ['user_sessions_pkey', 'user_sessions_not_ended_idx'];
  expect(await sessionIndexes('findProfile')).toEqual([byId]);
  expect(await sessionIndexes('rotateSession')).toEqual([byId]);
  expect(await sessionIndexes('endSession')).toEqual([byId]);
  expect(await sessionIndexes('listSessions')).toEqual([byPerson, byId]);
});

/** What takes the person's sessions along, ended or not. */
const WITH_THE_PAST = [
  'deleteAccount',
  'deletePerson',
  'exportAccount',
  'exportPerson',
  'removeDueFactors',
  'undoPortion',
];

test('only what deletes or exports an account reads the sessions of a person that have ended', async () => {
  const readers: string[] = [];
  for (const name of Object.keys(verbs))
    if ((await sessionIndexes(name)).includes('user_sessions_user_id_idx')) readers.push(name);
  expect(readers.toSorted()).toEqual(WITH_THE_PAST);
});

test.each([
  ['a person who is deleted', 'DELETE FROM users WHERE id = $1'],
  ['an event that is deleted', 'DELETE FROM security_events WHERE id = $1'],
])('the rows that refer to %s are found by an index', async (_, statement) => {
  // Referential actions have no plan of their own to ask for: each referring column must lead an index.
  const [, table] = /FROM (\w+)/.exec(statement) ?? [];
  const { rows } = await client.query(
    `SELECT conrelid::regclass::text AS "table", attname AS "column", EXISTS (
       SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1]) AS indexed
     FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
     WHERE contype = 'f' AND confrelid = $1::regclass`,
    [table],
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter(({ indexed }) => !indexed)).toEqual([]);
});
