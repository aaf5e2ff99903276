/** `users` on the command line. What each act does is in test/admin. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { query } from '../support/control-client.ts';

const users = (words: string[], env = {}) =>
  cli(['users', ...words], { env: { DATABASE_URL: inject('env').DATABASE_URL, ...env } });

async function somebody() {
  const [id, email] = [randomUUID(), `${randomUUID()}@example.com`];
  await query(
    `INSERT INTO users (id, email, name, password_hash, password_changed_at, email_verified_at, created_at)
     VALUES ($1, $2, 'Ada', 'x', now(), now(), now())`,
    [id, email],
  );
  await query(
    `INSERT INTO user_sessions (id, user_id, secret_hash, last_used_at, idle_expires_at, expires_at, client, user_agent, created_at)
     VALUES (gen_random_uuid(), $1, 'x', now(), now() + interval '1 day', now() + interval '1 day', '192.0.2.77', E'evil\\u001b[2J', now())`,
    [id],
  );
  return { id, email };
}
const WHY = ['--reason', 'ticket 4711'];

test('somebody is found, shown, disabled and enabled, by the operator who says so or whose machine it is', async () => {
  const { id, email } = await somebody();
  const found = (await users(['find', email])).stdout;
  expect(found).toMatch(`${id}  active  ${email}  Ada`);
  expect(found.trimEnd().split('\n').at(-1)).toBe('1 person');
  expect((await users(['find', 'nobody-of-this-name'])).stdout).toBe('0 people\n');
  expect(JSON.parse((await users(['find', email, '--json'])).stdout)).toMatchObject([
    { id, state: 'active' },
  ]);
  const disabled = await users(['disable', email, ...WHY, '--yes', '--operator', 'bob']);
  expect(disabled).toMatchObject({ status: 0, stdout: 'Disabled.\n' });
  expect(await users(['disable', id, ...WHY, '--yes'])).toMatchObject({ status: 1 });
  const enabled = await users(['enable', id, ...WHY, '--json'], { GATEHOUSE_OPERATOR: 'eve' });
  expect(JSON.parse(enabled.stdout)).toEqual({ id, outcome: 'done' });
  const { stdout } = await users(['show', email]);
  expect(stdout).toMatch(/admin\.disabled +ticket 4711 +by bob \(cli\)/);
  expect(stdout).toMatch(/admin\.enabled +ticket 4711 +by eve \(cli\)/);
  expect(stdout).not.toContain('\u001b');
});

test('without a reason, without a person, and without a yes nothing is done', async () => {
  const { id, email } = await somebody();
  expect(await users(['logout', email])).toMatchObject({ status: 2 });
  expect(await users(['logout', email, '--reason', ' '])).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^reason must be one line/),
  });
  expect(await users(['logout', `x${email}`, ...WHY])).toMatchObject({ status: 1 });
  expect(await users(['delete', email, ...WHY])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(email),
  });
  expect(await query('SELECT kind FROM security_events WHERE user_id = $1', [id])).toEqual([]);
});

test('an export goes into a file of its own, and an old one is not overwritten', async () => {
  const { id, email } = await somebody();
  const file = join(mkdtempSync(join(tmpdir(), 'export-')), 'ada.json');
  expect(await users(['export', email, ...WHY, '--to', file])).toMatchObject({ status: 0, stdout: '' });
  expect(JSON.parse(readFileSync(file, 'utf8')).account.id).toBe(id);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await users(['export', email, ...WHY, '--to', file])).status).toBe(1);
});

test('the sessions of one network: the dry run shows how many, and they end once', async () => {
  const { id } = await somebody();
  const client = `198.51.100.${Math.floor(Math.random() * 250)}`;
  await query('UPDATE user_sessions SET client = $2 WHERE user_id = $1', [id, client]);
  expect((await users(['logout-all', '--network', client, ...WHY, '--dry-run'])).stdout).toMatch(
    /^1 live sessions of 1 people/,
  );
  expect(await users(['logout-all', '--network', client, '--everyone', ...WHY])).toMatchObject({ status: 2 });
  expect(await users(['logout-all', ...WHY])).toMatchObject({ status: 2 });
  expect((await users(['logout-all', '--since', 'yesterday', ...WHY])).status).toBe(2);
  const ended = await users(['logout-all', '--network', client, ...WHY, '--yes', '--json']);
  expect(JSON.parse(ended.stdout)).toMatchObject({ sessions: 1, people: 1, ended: 1, left: 0 });
});
