/**
 * What Postgres reads for a sign-up, counted: as much for a taken address as for a free one, and however often somebody
 * has signed up with it before.
 */
import { createHash, randomUUID } from 'node:crypto';
import { neonConfig } from '@neondatabase/serverless';
import type { Client } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Db, openDb } from '../../src/store/db.ts';
import { addSignup } from '../../src/store/signups.ts';
import { type OwnDatabase, ownDatabase, withoutAutovacuum } from '../support/own-database.ts';

type Sent = { query: string; params: unknown[] };

const TAKEN = 'taken-7@example.com';
const FREE = 'free-7@example.com';
const BEFORE = 100;

let database: OwnDatabase;
let client: Client;
let db: Db;
/** The statements of the last trip. */
let sent: Sent[] = [];
const send = neonConfig.fetchFunction;

beforeAll(async () => {
  database = await ownDatabase();
  client = await database.open();
  await withoutAutovacuum(client);
  const { NEON_HTTP_URL: neonHttpUrl } = inject('env');
  db = openDb({ databaseUrl: database.url, neonHttpUrl, databaseTimeoutMs: 20_000 });
  const through = neonConfig.fetchFunction as (input: string, init: { body: string }) => Promise<Response>;
  neonConfig.fetchFunction = (input: string, init: { body: string }) => {
    const body = JSON.parse(init.body);
    sent = body.queries ?? [body];
    return through(input, init);
  };
  await client.query(
    `INSERT INTO users (id, email, name, password_hash, password_changed_at, email_verified_at, created_at)
     SELECT gen_random_uuid(), 'taken-' || n || '@example.com', 'x', 'x', now(), now(), now() FROM generate_series(1, 2000) n`,
  );
});
afterAll(async () => {
  neonConfig.fetchFunction = send;
  await database.drop();
});

const mac = (text: string) => createHash('sha256').update(text).digest();

const signUp = (email: string) =>
  addSignup(
    db,
    {
      id: uuidv7(),
      email,
      name: 'x',
      passwordHash: 'x',
      expiresAt: new Date(Date.now() + 86_400_000),
      tokenId: uuidv7(),
      code: { mailId: uuidv7(), keyId: 'k1', mac: mac(randomUUID()), expiresAt: new Date() },
      recipientKeys: [mac(`notices to ${email}`)],
      mailboxKeys: [mac(`codes to ${email}`)],
    },
    { client: null, userAgent: null, place: null, requestId: randomUUID() },
    new Date(),
  );

/** How many blocks one more sign-up reads, in a transaction that is taken back. Each of its ids is new. */
async function blocksOf({ query, params }: Sent): Promise<number> {
  const ids = new Map<unknown, string>();
  const isId = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-/.test(value);
  const fresh = params.map((value) => {
    if (isId(value) && !ids.has(value)) ids.set(value, uuidv7());
    return ids.get(value) ?? value;
  });
  await client.query('BEGIN');
  const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${query}`, fresh);
  await client.query('ROLLBACK');
  const { Plan: plan } = rows[0]['QUERY PLAN'][0];
  return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
}

test('a sign-up for an address that had a hundred before reads as much when it is taken as when it is free', async () => {
  for (let n = 0; n < BEFORE; n += 1) for (const email of [TAKEN, FREE]) await signUp(email);
  // Without statistics on these rows, and with them.
  for (const prepare of ['SELECT', 'ANALYZE']) {
    await client.query(prepare);
    // The first after a change also reads what describes the tables.
    await blocksOf(sent.at(-1) as Sent);
    const blocks: number[] = [];
    for (const email of [TAKEN, FREE]) {
      await signUp(email);
      const last = sent.at(-1) as Sent;
      // What another database of the server makes it read again is in one of them at most.
      blocks.push(Math.min(await blocksOf(last), await blocksOf(last)));
    }
    const [taken = 0, free = 0] = blocks;
    expect(Math.abs(taken - free), `${prepare}: ${taken} and ${free}`).toBeLessThan(BEFORE / 4);
  }
});
