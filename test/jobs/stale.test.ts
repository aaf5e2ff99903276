/** Mail that is too late: if its secret has expired, it is not sent. */
import { expect, test } from 'vitest';
import type { ApiBindings } from '../../src/config/bindings.ts';
import { deliver } from '../../src/jobs/deliver.ts';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { attemptsTo } from '../support/mailbox.ts';
import { askToMove, freshAddress } from '../support/move.ts';
import { startJobs } from '../support/outbox.ts';
import { loggedIn, person, resident } from '../support/person.ts';

/** Nothing is queued: each mail is delivered when the test says so. */
const silent = { send: async () => {} } as unknown as ApiBindings['MAIL_QUEUE'];

type Owing = (gatehouse: Gatehouse) => Promise<string>;

const code: Owing = async (gatehouse) => {
  const [ada, newEmail] = [await loggedIn(startGatehouse()), freshAddress()];
  await askToMove(gatehouse, ada, newEmail);
  return newEmail;
};
const verification: Owing = async (gatehouse) => {
  const { email } = person();
  await gatehouse.post('/signup', { ...person(), email });
  return email;
};
const reset: Owing = async (gatehouse) => {
  const { email } = await resident(startGatehouse());
  await gatehouse.post('/forgot-password', { email });
  return email;
};

test.each([
  ['the code for a change of address', 'change_email', 300, code],
  ['the code and link of a sign-up', 'verify_email', 86_400, verification],
  ['the link of a reset', 'reset_password', 3_600, reset],
] as const)('%s is not mailed (%s) once it has expired, after %i s', async (_, kind, seconds, owe) => {
  const email = await owe(startGatehouse({}, { MAIL_QUEUE: silent }));
  const mails = () =>
    query<{ id: string; status: string; failure: string | null }>(
      'SELECT id, status, failure FROM email_outbox WHERE recipient = $1 AND kind = $2 AND provider_id IS NULL',
      [email, kind],
    );
  const [mail] = await mails();
  const before = await attemptsTo(email);
  const { deps, travel } = startJobs();
  travel(seconds + 1);
  await deliver(deps, [mail?.id ?? '']);
  expect(await mails()).toMatchObject([{ status: 'skipped', failure: 'stale' }]);
  expect(await attemptsTo(email)).toEqual(before);
});
