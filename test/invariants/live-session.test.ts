/**
 * An access token outlives its session by minutes. Whatever asks for one is refused from the moment the session has
 * ended, by logout, idle or absolute end, and then changes nothing and tells nothing.
 */
import { expect, test } from 'vitest';
import { endpoints } from '../../src/app.ts';
import { query } from '../support/control-client.ts';
import { type Answer, type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { answerTo, beginPasskey, newDevice } from '../support/passkeys.ts';
import { type Person, person, resident, type Tokens } from '../support/person.ts';
import { codeAt, stepOf } from '../support/totp-app.ts';

/** `app` is an authenticator app that is not confirmed yet, `passkey` one that is not added yet. */
type Somebody = Person & Tokens & { app: { ticket: string; secret: string }; passkey: unknown };

const calls: Record<string, (gatehouse: Gatehouse, who: Somebody) => Promise<Answer>> = {
  'get /me': ({ get }, { accessToken: token }) => get('/me', { token }),
  'patch /me': ({ call }, { accessToken: token }) =>
    call('PATCH', '/me', { name: 'Somebody else' }, { token }),
  'delete /me': ({ call }, { password, accessToken: token }) =>
    call('DELETE', '/me', { password }, { token }),
  'get /me/export': ({ get }, { accessToken: token }) => get('/me/export', { token }),
  'get /sessions': ({ get }, { accessToken: token }) => get('/sessions', { token }),
  'delete /sessions': (gatehouse, { accessToken: token }) => gatehouse.delete('/sessions', { token }),
  'delete /sessions/:id': (gatehouse, { accessToken: token }) =>
    gatehouse.delete(`/sessions/${crypto.randomUUID()}`, { token }),
  'get /events': ({ get }, { accessToken: token }) => get('/events', { token }),
  'get /factors': ({ get }, { accessToken: token }) => get('/factors', { token }),
  'post /factors/totp': ({ post }, { password, accessToken: token }) =>
    post('/factors/totp', { proof: { password } }, { token }),
  'post /factors/totp/confirm': (gatehouse, { app, accessToken: token }) =>
    gatehouse.post(
      '/factors/totp/confirm',
      { ticket: app.ticket, code: codeAt(app.secret, stepOf(gatehouse)) },
      { token },
    ),
  'delete /factors/totp': ({ call }, { password, accessToken: token }) =>
    call('DELETE', '/factors/totp', { proof: { password } }, { token }),
  'post /factors/recovery-codes': ({ post }, { password, accessToken: token }) =>
    post('/factors/recovery-codes', { proof: { password } }, { token }),
  'post /factors/passkeys/options': (gatehouse, who) => beginPasskey(gatehouse, who),
  'post /factors/passkeys': ({ post }, { passkey, accessToken: token }) =>
    post('/factors/passkeys', passkey, { token }),
  'patch /factors/passkeys/:id': ({ call }, { accessToken: token }) =>
    call('PATCH', `/factors/passkeys/${crypto.randomUUID()}`, { name: 'Laptop' }, { token }),
  'delete /factors/passkeys/:id': ({ call }, { password, accessToken: token }) =>
    call('DELETE', `/factors/passkeys/${crypto.randomUUID()}`, { proof: { password } }, { token }),
  'post /step-up': ({ post }, { password, accessToken: token }) =>
    post('/step-up', { act: { purpose: 'add-passkey' }, proof: { password } }, { token }),
  'post /change-password': ({ post }, { password, accessToken: token }) =>
    post('/change-password', { currentPassword: password, newPassword: 'a brand new kettle' }, { token }),
  'post /change-email': ({ post }, { password, accessToken: token }) =>
    post('/change-email', { newEmail: person('new').email, currentPassword: password }, { token }),
  'post /change-email/confirm': ({ post }, { accessToken: token }) =>
    post('/change-email/confirm', { code: '000000' }, { token }),
};

/** Everything there is about the person but the session that ended and the mails, which move on by themselves. */
const heldOf = (email: string) =>
  query(
    `SELECT to_jsonb(u) AS person,
       (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.id) FROM user_sessions s WHERE s.user_id = u.id) AS sessions,
       (SELECT jsonb_agg(to_jsonb(t) ORDER BY t.id) FROM verification_tokens t WHERE t.user_id = u.id) AS codes,
       (SELECT jsonb_agg(e.id ORDER BY e.id) FROM security_events e WHERE e.user_id = u.id) AS events
     FROM users u WHERE u.email = $1`,
    [email],
  );

type End = [
  how: string,
  end: (gatehouse: Gatehouse, ending: Tokens) => unknown,
  settings?: Record<string, string>,
];
const ends: End[] = [
  ['was logged out', ({ post }, { refreshToken }) => post('/logout', { refreshToken })],
  ['was idle too long', ({ clock }) => clock.travel(201), { SESSION_IDLE_SECONDS: '200' }],
];

/** It makes no trip and tells nothing of the person. What it gives is judged, with the session, where it is used. */
const TRIPLESS = '/step-up/options';

test('every endpoint that asks for an access token is tried', () => {
  const secured = endpoints.filter(({ guard, path }) => guard === 'secured' && path !== TRIPLESS);
  expect(Object.keys(calls).sort()).toEqual(secured.map(({ method, path }) => `${method} ${path}`).sort());
});

test.each(ends)(
  'a session that %s answers 401 everywhere and changes nothing',
  async (_how, end, settings) => {
    const gatehouse = startGatehouse(settings);
    const ada = await resident(gatehouse);
    const signIn = async (): Promise<Somebody> => {
      const { email, password } = ada;
      const tokens = (await gatehouse.post('/login', { email, password })).body.data;
      const proof = { password };
      const app = await gatehouse.post('/factors/totp', { proof }, { token: tokens.accessToken });
      const begun = await beginPasskey(gatehouse, { ...ada, ...tokens });
      const passkey = await answerTo(begun, await newDevice(gatehouse));
      return { ...ada, ...tokens, app: app.body.data, passkey };
    };
    const ending = await signIn();
    await end(gatehouse, ending);
    const other = await signIn();
    const held = await heldOf(ada.email);
    for (const [name, call] of Object.entries(calls)) {
      const answer = await call(gatehouse, ending);
      expect(answer, name).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
    }
    expect(await heldOf(ada.email)).toEqual(held);
    expect((await calls['get /me']?.(gatehouse, other))?.status).toBe(200);
  },
);
