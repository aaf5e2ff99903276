import { expect, test } from 'vitest';
import { startGatehouse } from '../support/gatehouse.ts';
import { eventsOf } from '../support/history.ts';
import { linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { askToMove, codeToMove, confirmMove, freshAddress } from '../support/move.ts';
import { withOtherMac } from '../support/other-spellings.ts';
import { loggedIn, login } from '../support/person.ts';

const REFUSED = { status: 400, body: { code: 'invalid_code' } };

test('the link in the notice cancels, once and for all, without a login', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const [before] = await messagesTo(ada.email);
  const code = await codeToMove(gatehouse, ada, freshAddress());
  const notice = await nextMessageTo(ada.email, before && { after: before });
  expect(notice.text).toMatch(/When: .* UTC/);
  expect(notice.text).toContain('/cancel-email-change#token=');
  const token = linkTokenIn(notice);

  const answers = await Promise.all([1, 2].map(() => gatehouse.post('/change-email/cancel', { token })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(answers.map(({ body }) => body.data.outcome).sort()).toEqual(['cancelled', 'none']);
  expect(await eventsOf(ada.email, 'email.%')).toEqual(['email.change_requested', 'email.change_cancelled']);
  expect(await confirmMove(gatehouse, ada, code)).toMatchObject(REFUSED);
  const forged = await gatehouse.tripsOf(() =>
    gatehouse.post('/change-email/cancel', { token: withOtherMac(token) }),
  );
  expect(forged.answer).toMatchObject(REFUSED);
  expect(forged.count).toBe(0);
});

test('a cancel link is not a reset link, nor the other way round', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const [before] = await messagesTo(ada.email);
  await askToMove(gatehouse, ada, freshAddress());
  const notice = await nextMessageTo(ada.email, before && { after: before });
  const reset = { token: linkTokenIn(notice), newPassword: 'a brand new kettle' };
  expect(await gatehouse.post('/reset-password', reset)).toMatchObject(REFUSED);
});

test('a reset cancels a waiting change', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const code = await codeToMove(gatehouse, ada, freshAddress());
  await expect.poll(async () => (await messagesTo(ada.email)).length).toBe(2);
  const [newest] = await messagesTo(ada.email);
  await gatehouse.post('/forgot-password', { email: ada.email });
  const token = linkTokenIn(await nextMessageTo(ada.email, newest && { after: newest }));
  const password = 'a brand new kettle';
  expect((await gatehouse.post('/reset-password', { token, newPassword: password })).status).toBe(200);
  const again = (await login(gatehouse, { ...ada, password })).body.data;
  expect(await confirmMove(gatehouse, again, code)).toMatchObject(REFUSED);
});

test('a change of the password cancels a waiting change of address, and restores no old password', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const code = await codeToMove(gatehouse, ada, freshAddress());
  const newPassword = 'a brand new kettle';
  const body = { currentPassword: ada.password, newPassword };
  expect((await gatehouse.post('/change-password', body, { token: ada.accessToken })).status).toBe(200);
  expect(await confirmMove(gatehouse, ada, code)).toMatchObject(REFUSED);
  expect((await login(gatehouse, ada)).status).toBe(401);
  expect((await login(gatehouse, { ...ada, password: newPassword })).status).toBe(200);
});
