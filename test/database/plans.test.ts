/** Every statement of the store, explained on 100,000 people: none reads a large table from end to end. */
import { globSync, readFileSync } from 'node:fs';
import { neonConfig } from '@neondatabase/serverless';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { verbs } from '../../dev/store-verbs.ts';
import { BY_HAND } from '../../dev/upkeep-verbs.ts';
import { type Db, openDb } from '../../src/store/db.ts';
import { readMigrations, up } from '../../tooling/migrations.ts';
import { type OwnDatabase, ownDatabase } from '../support/own-database.ts';

const PEOPLE = 100_000;

let database: OwnDatabase;
let client: Client;

beforeAll(async () => {
  database = await ownDatabase();
  client = await database.open();
  await up(client, readMigrations('migrations'));
  for (const statement of fill) await client.query(statement, statement.includes('$1') ? [PEOPLE] : []);
}, 60_000);
afterAll(() => database.drop());

/** Nine in ten are accounts; each has a session, a mail and an event; every tenth mail is still to be sent. */
const fill = [
  // The rows are right by construction: checking every foreign key would take twice as long.
  `SET session_replication_role = replica`,
  `INSERT INTO users (id, email, name, password_hash, password_changed_at, email_verified_at, pending_expires_at, created_at)
   SELECT gen_random_uuid(), 'person-' || n || '@example.com', 'x', 'x', now(), CASE WHEN n % 10 > 0 THEN now() END,
     CASE WHEN n % 10 = 0 THEN now() + interval '1 day' END, now() - n * interval '1 second' FROM generate_series(1, $1::int) n`,
  `INSERT INTO user_sessions (id, user_id, secret_hash, last_used_at, idle_expires_at, expires_at, created_at)
   SELECT gen_random_uuid(), id, sha256(id::text::bytea), now(), now() + interval '7 days', now() + interval '30 days', now() FROM users`,
  `INSERT INTO verification_tokens (id, user_id, purpose, recipient_key, mail_id, key_id, code_mac, code_expires_at, expires_at, created_at)
   SELECT gen_random_uuid(), id, 'verify_email', sha256(email::bytea), gen_random_uuid(), 'k1', 'x', now(), now() + interval '1 day', now() FROM users`,
  `INSERT INTO security_events (id, kind, user_id, occurred_at)
   SELECT gen_random_uuid(), 'login.success', id, created_at - random() * interval '100 days' FROM users`,
  `INSERT INTO email_outbox (id, kind, user_id, recipient, recipient_key, status, created_at)
   SELECT gen_random_uuid(), 'verify_email', id, email, sha256(email::bytea), CASE WHEN random() < 0.1 THEN 'pending' ELSE 'sent' END, created_at FROM users`,
  `INSERT INTO password_reset_tokens (id, user_id, recipient_key, key_id, expires_at, created_at)
   SELECT gen_random_uuid(), id, sha256(email::bytea), 'k1', now() + interval '1 hour', now() FROM users`,
  `INSERT INTO email_change_undos (id, mail_id, user_id, email, expires_at, created_at)
   SELECT gen_random_uuid(), gen_random_uuid(), id, 'old-' || email, now() + interval '72 hours', now() FROM users`,
  `INSERT INTO failed_login_attempts (key, owner_key, failures, in_a_row, window_ends_at, expires_at)
   SELECT sha256(id::text::bytea), sha256(email::bytea), 1, 1, now(), now() + n * interval '1 second'
   FROM (SELECT id, email, row_number() OVER () AS n FROM users) numbered`,
  `INSERT INTO rate_limit_fallback (key, count, expires_at)
   SELECT id::text, 1, created_at + interval '7 days' FROM users`,
  `INSERT INTO mail_suppressions (address, reason, created_at)
   SELECT email, 'bounced', created_at FROM users`,
  `UPDATE email_outbox SET finished_at = created_at WHERE status = 'sent'`,
  `SET session_replication_role = origin`,
  'ANALYZE',
];

/** The statements that a verb really sends, with the parameters it sends. */
async function sentBy(verb: (db: Db) => Promise<unknown>): Promise<{ query: string; params: unknown[] }[]> {
  const db = openDb({
    databaseUrl: database.url,
    neonHttpUrl: inject('env').NEON_HTTP_URL,
    databaseTimeoutMs: 10_000,
  });
  const send = neonConfig.fetchFunction as (input: string, init: { body: string }) => Promise<Response>;
  const sent: { query: string; params: unknown[] }[] = [];
  neonConfig.fetchFunction = (input: string, init: { body: string }) => {
    const body = JSON.parse(init.body);
    sent.push(...(body.queries ?? [body]));
    return send(input, init);
  };
  await verb(db);
  return sent;
}

type Plan = { 'Node Type': string; 'Relation Name'?: string; Plans?: Plan[] };

const scansOf = (plan: Plan): string[] => [
  ...(plan['Node Type'] === 'Seq Scan' ? [plan['Relation Name'] ?? ''] : []),
  ...(plan.Plans ?? []).flatMap(scansOf),
];

async function explain({ query, params }: { query: string; params: unknown[] }): Promise<string[]> {
  const { rows } = await client.query(`EXPLAIN (FORMAT JSON) ${query}`, params);
  return scansOf(rows[0]['QUERY PLAN'][0].Plan);
}

test('every verb of the store is in dev/store-verbs.ts', () => {
  const exported = globSync('src/store/*.ts', { exclude: ['src/store/statement.ts'] }).flatMap((path) =>
    [
      ...readFileSync(path, 'utf8').matchAll(/^export (?:async )?function (\w+)(?:<[^(]+>)?\(\s*db: Db/gm),
    ].map(([, name]) => name),
  );
  expect(exported.sort()).toEqual(Object.keys(verbs).sort());
});

test.each(Object.entries(verbs).filter(([name]) => !BY_HAND.includes(name)))(
  '%s finds its rows by an index',
  async (_, verb) => {
    const statements = await sentBy(verb);
    expect(statements.length).toBeGreaterThan(0);
    for (const statement of statements) expect(await explain(statement), statement.query).toEqual([]);
  },
);

test('a search without an index is noticed', async () => {
  expect(await explain({ query: 'SELECT * FROM users WHERE name = $1', params: ['y'] })).toEqual(['users']);
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
