/** The one door to a session: what is judged when it opens, and what it says of how the person proved who they are. */
import { expect, test } from 'vitest';
import { BASE_PATH } from '../../src/app.ts';
import { paths } from '../support/contract.ts';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { endsOf } from '../support/history.ts';
import { inThisOrder } from '../support/hold.ts';
import { codeIn, nextMessageTo } from '../support/mailbox.ts';
import { loggedIn, login, type Person, person, type Tokens } from '../support/person.ts';
import { type Guarded, guarded, nextCode, ticketFor, wrongCode } from '../support/totp-app.ts';

const claimsOf = (accessToken: string) => JSON.parse(atob(accessToken.split('.')[1] ?? ''));

/** The code of a change of address that waits. */
async function changeAsked(gatehouse: Gatehouse, ada: Person & Tokens, newEmail: string): Promise<string> {
  const ask = { newEmail, currentPassword: ada.password };
  expect((await gatehouse.post('/change-email', ask, { token: ada.accessToken })).status).toBe(200);
  return codeIn(await nextMessageTo(newEmail));
}

test('a login that began with the old address does not outlive a change of address: before it or after it', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const newEmail = person().email;
  const code = await changeAsked(gatehouse, ada, newEmail);
  const [before, confirmed, after] = await inThisOrder(gatehouse, ada.email, [
    { send: () => login(gatehouse, ada), trips: 2 },
    { send: () => gatehouse.post('/change-email/confirm', { code }, { token: ada.accessToken }), trips: 1 },
    { send: () => login(gatehouse, ada), trips: 2 },
  ]);
  expect([before?.status, confirmed?.status, after?.status]).toEqual([200, 200, 401]);
  expect(after?.body.code).toBe('invalid_credentials');
  const early = await gatehouse.get('/me', { token: before?.body.data.accessToken });
  expect(early.status).toBe(401);
  expect(await endsOf(newEmail)).toEqual([null, 'email_changed']);
  expect((await login(gatehouse, { ...ada, email: newEmail })).status).toBe(200);
});

test('access tokens say how the person proved who they are, and so do those of each refresh', async () => {
  const gatehouse = startGatehouse();
  const { accessToken, refreshToken, email } = await loggedIn(gatehouse);
  expect(claimsOf(accessToken).amr).toEqual(['pwd']);
  await query(
    `UPDATE user_sessions SET amr = '{pwd,otp}' FROM users u WHERE u.id = user_id AND u.email = $1`,
    [email],
  );
  const refreshed = await gatehouse.post('/refresh', { refreshToken });
  expect(claimsOf(refreshed.body.data.accessToken)).toMatchObject({
    amr: ['pwd', 'otp'],
    auth_time: claimsOf(accessToken).auth_time,
  });
});

test('of the routes that give tokens, each one is known: a session opens behind the question for a second factor', () => {
  const giving = Object.entries(paths).filter(([, operations]) =>
    Object.values(operations).some(({ responses }) =>
      JSON.stringify(responses['200']).includes('"accessToken"'),
    ),
  );
  expect(giving.map(([path]) => path.replace(BASE_PATH, '')).sort()).toEqual(
    [...Object.keys(opening), ...CONTINUING].sort(),
  );
});

/** They renew the tokens of a session that is open. */
const CONTINUING = ['/refresh', '/change-password'];

/** What somebody with an authenticator app sends who has proven everything but the second factor. */
const opening: Record<string, (ada: Guarded) => Promise<unknown>> = {
  '/login': async ({ email, password }) => ({ email, password }),
  '/login/mfa': async (ada) => ({
    ticket: await ticketFor(guarding, ada),
    code: wrongCode(guarding, ada.secret),
  }),
  // The ticket of a login that owes a factor is none for adding one, whatever the code is.
  '/login/enrol/confirm': async (ada) => ({
    ticket: await ticketFor(guarding, ada),
    code: nextCode(guarding, ada.secret),
  }),
  // A passkey is both factors: one that is not there opens nothing.
  '/login/passkey': async () => {
    const { ticket } = (await guarding.call('POST', '/login/passkey/options')).body.data;
    const id = { id: 'AAAA', rawId: 'AAAA', type: 'public-key' };
    const response = {
      ...{ clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: 'AAAA' },
      userHandle: 'AAAA',
    };
    return { ticket, assertion: { ...id, response } };
  },
};
const guarding = startGatehouse();

test.each(Object.entries(opening))('%s opens no session without the second factor', async (path, bodyFor) => {
  const ada = await guarded(guarding);
  const { body } = await guarding.post(path, await bodyFor(ada));
  expect(JSON.stringify(body)).not.toContain('accessToken');
  expect(await endsOf(ada.email)).toEqual([null]);
});
