/** A suppression ends when a mailed link or code is used, for then mail arrives. Asking for a mail ends nothing: anyone can. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { codeToMove, confirmMove, freshAddress } from '../support/move.ts';
import { loggedIn, person, signUp, verify } from '../support/person.ts';

const gatehouse = startGatehouse();

const suppress = (address: string) =>
  query(`INSERT INTO mail_suppressions (address, reason, created_at) VALUES ($1, 'complained', now())`, [
    address,
  ]);
const isSuppressed = async (address: string) =>
  (await query('SELECT FROM mail_suppressions WHERE address = $1', [address])).length === 1;

test('by a reset that is completed, not by one that is asked for', async () => {
  const ada = await loggedIn(gatehouse);
  await suppress(ada.email);
  const [newest] = await messagesTo(ada.email);
  await gatehouse.post('/forgot-password', { email: ada.email });
  const token = linkTokenIn(await nextMessageTo(ada.email, newest && { after: newest }));
  expect(await isSuppressed(ada.email)).toBe(true);
  await gatehouse.post('/reset-password', { token, newPassword: 'a kettle that arrived' });
  expect(await isSuppressed(ada.email)).toBe(false);
});

test('by the code of a sign-up', async () => {
  const ada = person();
  const signup = await signUp(gatehouse, ada);
  await suppress(ada.email);
  await verify(gatehouse, signup);
  expect(await isSuppressed(ada.email)).toBe(false);
});

test('for the new address, by the code of a change', async () => {
  const [ada, newEmail] = [await loggedIn(gatehouse), freshAddress()];
  const code = await codeToMove(gatehouse, ada, newEmail);
  await suppress(newEmail);
  expect((await confirmMove(gatehouse, ada, code)).status).toBe(200);
  expect(await isSuppressed(newEmail)).toBe(false);
});
