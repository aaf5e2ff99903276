/** People of the benchmark, made through the front door; only the proof of their address is written past it. */
import { randomUUID } from 'node:crypto';
import type { Stores } from './stores.ts';

export type Person = { email: string; password: string; accessToken: string; refreshToken: string };

const PASSWORD = 'a long and quiet river';
const JSON_BODY = { 'Content-Type': 'application/json' };

export async function makePerson(stores: Stores, base: string): Promise<Person> {
  const email = `${randomUUID()}@gatehouse.dev`;
  await post(`${base}/signup`, { name: 'Ada', email, password: PASSWORD });
  await stores.query(
    'UPDATE users SET email_verified_at = now(), pending_expires_at = NULL WHERE email = $1',
    [email],
  );
  const { data } = await post(`${base}/login`, { email, password: PASSWORD });
  return { email, password: PASSWORD, ...data };
}

async function post(
  url: string,
  body: object,
): Promise<{ data: { accessToken: string; refreshToken: string } }> {
  const response = await fetch(url, { method: 'POST', headers: JSON_BODY, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} was answered ${response.status}: ${await response.text()}`);
  return response.json() as Promise<{ data: { accessToken: string; refreshToken: string } }>;
}
