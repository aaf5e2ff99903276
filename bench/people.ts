/** People of the benchmark. Only proofs by mail, and sessions by the hundred, are written directly to the database. */
import { randomUUID } from 'node:crypto';
import type { ApiConfig } from '../src/config/read.ts';
import { issueTokens, type Tokens } from '../src/token/issue.ts';
import { hashSessionSecret, newSessionSecret } from '../src/token/refresh-token.ts';
import { post } from './asks.ts';
import type { Database } from './stores.ts';

export type Person = Tokens & { id: string; email: string; password: string; deviceToken: string };

export const PASSWORD = 'a long and quiet river';
/** The refresh secret of every session that is written directly. */
const SECRET = newSessionSecret();
export const secretHash = hashSessionSecret(SECRET);

const JSON_BODY = { 'Content-Type': 'application/json' };

export async function makePerson(database: Database, api: string): Promise<Person> {
  const email = `${randomUUID()}@gatehouse.dev`;
  await ask(api, '/signup', { name: 'Ada', email, password: PASSWORD });
  await database.query(
    'UPDATE users SET email_verified_at = now(), pending_expires_at = NULL WHERE email = $1',
    [email],
  );
  const { data } = await ask(api, '/login', { email, password: PASSWORD });
  return { ...data, id: data.user.id, email, password: PASSWORD };
}

type LoggedIn = { data: Tokens & { deviceToken: string; user: { id: string } } };

async function ask(api: string, path: string, body: object): Promise<LoggedIn> {
  const { url, headers } = post(path, body);
  const response = await fetch(api + url, {
    method: 'POST',
    headers: { ...JSON_BODY, ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
  return response.json() as Promise<LoggedIn>;
}

/** More sessions of a person, and the tokens of each. */
export async function openSessions(
  database: Database,
  config: ApiConfig,
  userId: string,
  count: number,
): Promise<Tokens[]> {
  const { rows } = await database.query(
    `INSERT INTO user_sessions (id, user_id, secret_hash, last_used_at, idle_expires_at, expires_at, created_at)
     SELECT uuidv7(), $1::uuid, $2, now(), now() + interval '7 days', now() + interval '30 days', now()
     FROM generate_series(1, $3::int) RETURNING id AS "sessionId", user_id AS "userId"`,
    [userId, secretHash, count],
  );
  return Promise.all(rows.map((row) => tokensOf(config, row)));
}

/** The tokens of a session that was written directly. */
export const tokensOf = (
  config: ApiConfig,
  session: { sessionId: string; userId: string },
): Promise<Tokens> => {
  const now = new Date();
  const expiresAt = new Date(now.getTime() + 86_400_000);
  return issueTokens(
    config,
    { ...session, generation: 0, secret: SECRET, amr: ['pwd'], authenticatedAt: now, expiresAt },
    now,
  );
};
