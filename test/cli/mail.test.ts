/** `mail` against a database that is not Neon. That replayed mail is sent: test/jobs/outbox-admin.test.ts. */
import { randomUUID } from 'node:crypto';
import { afterAll, expect, inject, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { query } from '../support/control-client.ts';

const mail = (...words: string[]) =>
  cli(['mail', ...words], { env: { DATABASE_URL: inject('env').DATABASE_URL } });

type Row = { status?: string; kind?: string; recipient?: string | null };

/** A row of the outbox, of 1999. Its person may be gone: none is behind it. */
async function oweMail({ status = 'failed', kind = 'already_registered', recipient }: Row = {}) {
  const id = randomUUID();
  const to = recipient === undefined ? `${id}@example.com` : recipient;
  await query(
    `INSERT INTO email_outbox (id, kind, recipient, status, attempts, failure, finished_at, created_at)
     VALUES ($1, $2, $3, $4, 3, 'timeout', CASE WHEN $4 IN ('pending', 'sending') THEN NULL ELSE now() END, '1999-12-31T23:30:00Z')`,
    [id, kind, to, status],
  );
  return { id, to };
}

// Owed since 1999, they would make the whole service look not ready to whoever asks next.
afterAll(() => query(`DELETE FROM email_outbox WHERE created_at = '1999-12-31T23:30:00Z'`));

test('it lists, shows and replays', async () => {
  const { id } = await oweMail();
  const listed = await mail(
    'list',
    '--status',
    'failed',
    '--day',
    '1999-12-31',
    '--limit',
    '10000',
    '--json',
  );
  expect(JSON.parse(listed.stdout).map((one: { id: string }) => one.id)).toContain(id);
  expect((await mail('show', id)).stdout).toMatch(/failure +timeout/);
  expect((await mail('replay', '--failed', '--day', '1999-12-30')).stdout).toMatch(/^0 to be sent/);
  expect(await mail('replay', id)).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('1 to be sent again'),
  });
  expect((await mail('show', id)).stdout).toMatch(/attempts +0/);
});

test('the mails of one address are found by it, however it is written', async () => {
  const recipient = `${randomUUID()}@example.com`;
  const [one, other, farewell] = [
    await oweMail({ recipient }),
    await oweMail(),
    await oweMail({ recipient, kind: 'account_deleted' }),
  ];
  const { stdout } = await mail('list', '--to', ` ${recipient.toUpperCase()} `);
  for (const { id } of [one, farewell]) expect(stdout).toContain(id);
  expect(stdout).not.toContain(other.id);
  expect(stdout).toContain('\n2 mails\n');
});

test('a farewell that failed is listed, shown and replayed though its person is gone', async () => {
  const { id, to } = await oweMail({ kind: 'account_deleted' });
  const { stdout } = await mail('list', '--status', 'failed', '--kind', 'account_deleted', '--to', `${to}`);
  expect(stdout).toContain(id);
  expect((await mail('show', id)).stdout).toContain(to);
  expect(await mail('replay', id)).toMatchObject({ status: 0 });
});

test('replay says of each mail why it is not sent again', async () => {
  const suppressed = await oweMail();
  await query(`INSERT INTO mail_suppressions VALUES ($1, 'bounced', now())`, [suppressed.to]);
  const gone = await oweMail({ status: 'skipped', recipient: null });
  const [sent, sending, owed, again] = await Promise.all(
    ['sent', 'sending', 'pending', 'failed'].map((status) => oweMail({ status })),
  );
  const missing = randomUUID();
  const ids = [sent, sending, owed, again, suppressed, gone].map((one) => one?.id ?? '');
  const { status, stdout } = await mail('replay', ...ids, missing, '--json');
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    replayed: [again?.id],
    refused: [
      { id: sent?.id, reason: expect.stringMatching(/^it was sent at \d{4}-/) },
      { id: sending?.id, reason: 'it is being sent' },
      { id: owed?.id, reason: 'it is owed already' },
      { id: suppressed.id, reason: `${suppressed.to} is not mailed: see mail unsuppress` },
      { id: gone.id, reason: 'nobody knows any more to whom it went' },
      { id: missing, reason: 'not found' },
    ],
  });
});

test.each([
  [['list', '--status', 'bogus'], 'Allowed choices are pending, sending, sent, skipped, failed.'],
  [['list', '--kind', 'bogus'], 'Allowed choices are verify_email, already_registered,'],
  [['replay', '--failed', '--kind', 'bogus'], 'Allowed choices are verify_email, already_registered,'],
  [['list', '--day', 'yesterday'], 'It is not a day'],
  [['list', '--day', '2026-02-30'], 'It is not a day'],
  [['list', '--to', 'ada'], 'It is not an email address'],
  [['list', '--limit', '0'], 'It is not a number'],
  [['list', '--limit', '5x'], 'It is not a number'],
  [['replay'], 'name the mails by id, or say --failed'],
  [['replay', '--failed', randomUUID()], 'name the mails by id, or say --failed'],
  [['replay', randomUUID(), '--day', '2026-11-22'], '--kind and --day go with --failed'],
  [['show', "' OR true --"], 'It is not the id of a mail'],
  [['unsuppress', 'ada'], 'It is not an email address'],
])('%j is refused with what is wrong', async (words, fault) => {
  const { status, stdout, stderr } = await mail(...words);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(fault);
});

test('a mail that is not there is said to be so', async () => {
  const ended = await mail('show', randomUUID());
  expect(ended).toMatchObject({ status: 1, stdout: '' });
  expect(ended.stderr).toMatch(/^There is no mail .+\.\n$/);
});
