/** `npm run mail` against a database that is not Neon. */
import { randomUUID } from 'node:crypto';
import { expect, inject, it } from 'vitest';
import { runMail } from '../../cli/mail.ts';
import { UserError } from '../../tooling/user-error.ts';
import { query } from '../support/control-client.ts';

async function mail(...args: string[]): Promise<string> {
  const lines: string[] = [];
  await runMail(args, { DATABASE_URL: inject('env').DATABASE_URL }, (line) => lines.push(line));
  return lines.join('\n');
}

async function failedMail(): Promise<string> {
  const [user, id] = [randomUUID(), randomUUID()];
  await query(
    `INSERT INTO users (id, email, name, password_hash, password_changed_at, email_verified_at, created_at)
     VALUES ($1, $2, 'Ada', 'x', now(), now(), now())`,
    [user, `${user}@example.com`],
  );
  await query(
    `INSERT INTO email_outbox (id, kind, user_id, recipient, status, attempts, failure, finished_at, created_at)
     VALUES ($1, 'already_registered', $2, 'ada@example.com', 'failed', 3, 'timeout', now(), '1999-12-31T23:30:00Z')`,
    [id, user],
  );
  return id;
}

it('lists, shows and replays', async () => {
  const id = await failedMail();
  expect(await mail('list', '--status', 'failed', '--day', '1999-12-31', '--json')).toContain(id);
  expect(await mail('show', id)).toMatch(/failure +timeout/);
  expect(await mail('replay', '--failed', '--day', '1999-12-30')).toMatch(/^0 to be sent/);
  expect(await mail('replay', id)).toContain('1 to be sent again');
  expect(await mail('show', id)).toMatch(/attempts +0/);
});

it.each([
  [[], 'npm run mail -- list'],
  [['replay'], 'npm run mail -- list'],
  [['replay', '--failed', randomUUID()], 'npm run mail -- list'],
  [['show', "' OR true --"], 'is not the id of a mail'],
  [['show', randomUUID()], 'There is no mail'],
  [['list', '--day', 'yesterday'], '--day is a day'],
  [['list', '--nonsense'], '--nonsense'],
])('says what is wrong with %j, as a fault that a person can put right', async (args, complaint) => {
  const fault = await mail(...args).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(UserError);
  expect((fault as UserError).message).toContain(complaint);
});
