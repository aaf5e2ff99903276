import { expect, test } from 'vitest';
import { startGatehouse, steadyHeaders } from '../support/gatehouse.ts';
import { linkTokenIn, mailWith, messagesTo } from '../support/mailbox.ts';
import { loggedIn, login, person, resident, signUp } from '../support/person.ts';
import { eventsOf, forgot, NEW_PASSWORD, reset, resetMail } from '../support/reset.ts';

test('a reset sets the password, ends every session, opens none and mails the person', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const mail = await resetMail(gatehouse, ada);
  expect(mail.text).toContain(`${new URL(gatehouse.config.issuer).origin}/reset-password#token=`);

  const answer = await reset(gatehouse, linkTokenIn(mail));
  expect(answer).toMatchObject({ status: 200, body: { data: null } });

  expect((await gatehouse.get('/me', { token: ada.accessToken })).status).toBe(401);
  expect((await gatehouse.post('/refresh', { refreshToken: ada.refreshToken })).status).toBe(401);
  expect((await login(gatehouse, ada)).status).toBe(401);
  expect((await login(gatehouse, { ...ada, password: NEW_PASSWORD })).status).toBe(200);
  const notice = await mailWith(ada.email, /^Your Gatehouse password was changed$/m, mail);
  expect(notice.text).toMatch(/When: .* UTC\nFrom: /);
  expect(await eventsOf(ada.email, 'reset.%')).toEqual([
    { kind: 'reset.requested' },
    { kind: 'reset.completed' },
  ]);
});

test('known, unknown and unproven addresses get the same answer for the same trips; only the first gets mail', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const unproven = person('unproven');
  const { mail } = await signUp(gatehouse, unproven);
  const answers = [];
  for (const who of [ada, unproven, person('nobody')])
    answers.push(await gatehouse.tripsOf(() => forgot(gatehouse, who)));
  for (const { count, answer } of answers) {
    expect(count).toBe(1);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(answers[0]?.answer.body);
    expect(steadyHeaders(answer)).toEqual(answers[0] && steadyHeaders(answers[0].answer));
  }
  await expect.poll(async () => (await messagesTo(ada.email)).length).toBe(2);
  expect((await messagesTo(unproven.email)).map(({ id }) => id)).toEqual([mail.id]);
});
