/** Rules that hold for every endpoint, whatever it does. */
import { beforeAll, describe, expect, test } from 'vitest';
import { BASE_PATH, endpoints } from '../../src/app.ts';
import { query } from '../support/control-client.ts';
import { type Answer, type CallOptions, startGatehouse } from '../support/gatehouse.ts';
import { loggedIn, person } from '../support/person.ts';

// One session makes all of these requests.
const LIMITS = 'accountSession=10000/60';
const gatehouse = startGatehouse({ LIMITS });
/** The same, where a body must be there soon; each test of it waits for real. */
const impatient = startGatehouse({ LIMITS, BODY_TIMEOUT_MS: '100' });
const withBody = endpoints.filter((endpoint) => 'body' in endpoint);

/** A credential of WebAuthn, as a browser would send it. */
const credential = (response: Record<string, string>) => ({
  id: 'AAAA',
  rawId: 'AAAA',
  type: 'public-key',
  response: { clientDataJSON: 'AAAA', ...response },
});

/** Every string field any endpoint knows, so that one hostile value can be put in each. */
const valid: Record<string, Record<string, unknown>> = {
  'POST /signup': { ...person() },
  'POST /verify-email': { id: crypto.randomUUID(), code: '123456' },
  'POST /verify-email/resend': { id: crypto.randomUUID() },
  'POST /login': { email: 'ada@example.com', password: 'plum kettle orbit', deviceToken: 'token' },
  'POST /login/mfa': { ticket: 'ticket', code: '123456' },
  'POST /login/enrol': { ticket: 'ticket', code: '123456' },
  'POST /login/enrol/confirm': { ticket: 'ticket', code: '123456', deviceToken: 'token' },
  'POST /login/passkey': {
    ticket: 'ticket',
    assertion: credential({ authenticatorData: 'AAAA', signature: 'AAAA', userHandle: 'AAAA' }),
  },
  'POST /refresh': { refreshToken: 'token' },
  'POST /logout': { refreshToken: 'token' },
  'POST /forgot-password': { email: 'ada@example.com' },
  'POST /reset-password': { token: 'token', newPassword: 'plum kettle orbit' },
  'PATCH /me': { name: 'Ada' },
  'DELETE /me': { password: 'plum kettle orbit' },
  'POST /factors/totp': { proof: { code: '123456' } },
  'POST /factors/totp/confirm': { ticket: 'ticket', code: '123456' },
  'DELETE /factors/totp': { proof: { code: '123456' } },
  'POST /factors/recovery-codes': { proof: { code: '123456' } },
  'POST /factors/passkeys/options': { proof: { code: '123456' } },
  'POST /factors/passkeys': {
    ticket: 'ticket',
    attestation: credential({ attestationObject: 'AAAA' }),
    name: 'Laptop',
  },
  'PATCH /factors/passkeys/:id': { name: 'Laptop' },
  'DELETE /factors/passkeys/:id': { proof: { code: '123456' } },
  'POST /step-up/options': { act: { purpose: 'add-passkey' } },
  'POST /step-up': { act: { purpose: 'add-passkey' }, proof: { code: '123456' } },
  'POST /change-email': { newEmail: 'ada@example.com', currentPassword: 'plum kettle orbit' },
  'POST /change-email/confirm': { code: '123456' },
  'POST /change-email/cancel': { token: 'token' },
  'POST /change-password': { currentPassword: 'plum kettle orbit', newPassword: 'orbit of plums' },
};
const nameOf = ({ method, path }: { method: string; path: string }) => `${method.toUpperCase()} ${path}`;
const isSecured = (name: string) => withBody.some((it) => nameOf(it) === name && it.guard === 'secured');

/** Of someone who is logged in, for the endpoints that ask who it is before they read. */
let token: string;
beforeAll(async () => {
  token = (await loggedIn(gatehouse)).accessToken;
});

async function expectProblem(answer: Answer, status: number, code: string): Promise<void> {
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json; charset=utf-8');
  expect(answer.headers.get('Cache-Control')).toBe('no-store');
  expect(answer.body).toMatchObject({
    status,
    code,
    type: `urn:gatehouse:problem:${code}`,
    title: expect.any(String),
    detail: expect.any(String),
  });
  expect(answer.body.requestId).toMatch(/^[\w-]{8,40}$/);
  expect(answer.status).toBe(status);
}

test('every endpoint with a body is in the table of this file', () => {
  expect(withBody.map(nameOf).sort()).toEqual(Object.keys(valid).sort());
});

describe.each(withBody.map(nameOf))('%s', (name) => {
  const [method = '', pattern = ''] = name.split(' ');
  const path = pattern.replace(':id', crypto.randomUUID());
  const body = valid[name] ?? {};
  const bearer = () => (isSecured(name) ? { token } : {});
  const raw = (text: BodyInit, options: CallOptions = {}, at = gatehouse) =>
    at.call(method, path, undefined, { ...bearer(), raw: text, ...options });
  const send = (json: unknown) => gatehouse.call(method, path, json, bearer());

  /** The refusal comes before the database is asked anything. */
  async function refused(
    call: () => Promise<Answer>,
    status: number,
    code: string,
    at = gatehouse,
  ): Promise<Answer> {
    const { count, answer } = await at.tripsOf(call);
    await expectProblem(answer, status, code);
    expect(count).toBe(0);
    return answer;
  }

  test('refuses what is not JSON', async () => {
    const [key] = Object.keys(body);
    const malformed = [
      '',
      '{',
      '{"a":1,}',
      "{'a':1}",
      'undefined',
      '\u0000',
      `{"${key}":"a","${key}":"b"}`,
      `{"x":{"a":1,"\\u0061":2}}`,
    ];
    for (const text of malformed) await refused(() => raw(text), 400, 'malformed_json');
    await refused(() => raw(new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])), 400, 'malformed_json');
  });

  test('refuses JSON that is no object of known fields', async () => {
    for (const text of ['null', '[]', '"text"', '7', '{}', '[{}]'])
      await refused(() => raw(text), 422, 'validation_failed');
    await refused(() => send({ ...body, isAdmin: true }), 422, 'validation_failed');
    const text = JSON.stringify(body);
    for (const key of ['__proto__', 'constructor']) {
      await refused(() => raw(`${text.slice(0, -1)},"${key}":{"isAdmin":true}}`), 422, 'validation_failed');
    }
  });

  test('refuses a wrong type, a lone surrogate and U+0000 in each field, naming it without its value', async () => {
    for (const field of Object.keys(body)) {
      for (const value of [
        7,
        null,
        true,
        ['secret-marker'],
        { $ne: 'secret-marker' },
        'secret-marker\ud800',
        'secret-marker\u0000',
      ]) {
        const answer = await refused(() => send({ ...body, [field]: value }), 422, 'validation_failed');
        const paths = answer.body.errors.map((error: { path: string }) => error.path.split('.')[0]);
        expect(/verify-email$|login.mfa$|\/me$/.test(path) ? ['', field] : [field]).toEqual(
          expect.arrayContaining(paths),
        );
        expect(JSON.stringify(answer.body)).not.toContain('secret-marker');
      }
    }
  });

  test('refuses another content type', async () => {
    const text = JSON.stringify(body);
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/jsonx',
      'application/json; charset=latin1',
      '',
    ]) {
      await refused(() => raw(text, { headers: { 'Content-Type': type } }), 415, 'unsupported_media_type');
    }
  });

  test('cuts a body at 16 KiB while it is still arriving', async () => {
    await refused(
      () => raw(JSON.stringify({ ...body, pad: 'x'.repeat(1_048_576) })),
      413,
      'payload_too_large',
    );
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1_024;
        controller.enqueue(new Uint8Array(1_024).fill(0x20));
      },
    });
    await refused(() => raw(endless), 413, 'payload_too_large');
    expect(sent).toBeLessThan(64 * 1_024);
  });

  test('ends the reading of a body that stops, or comes a byte at a time', async () => {
    const isOver = new AbortController();
    // A byte, and another one whenever the thread is free.
    const dripping = new ReadableStream({
      async pull(controller) {
        if (isOver.signal.aborted) return controller.close();
        await new Promise((resolve) => setTimeout(resolve, 1));
        controller.enqueue(Uint8Array.of(0x20));
      },
    });
    const stalled = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{')),
    });
    for (const slow of [stalled, dripping])
      await refused(() => raw(slow, {}, impatient), 408, 'request_timeout', impatient);
    isOver.abort();
  });

  test('refuses other methods and says which it has', async () => {
    const served = endpoints.filter((it) => it.path === pattern).map((it) => it.method.toUpperCase());
    // To other methods, /factors/passkeys/options is the passkey with the id `options`.
    const isServed = ({ path: one, method: by }: { path: string; method: string }, other: string) =>
      by.toUpperCase() === other && new RegExp(`^${one.replace(/:\w+/, '[^/]+')}$`).test(path);
    const allowed = served.includes('GET') ? [...served, 'HEAD'] : served;
    for (const other of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']) {
      if (endpoints.some((it) => isServed(it, other))) continue;
      const answer = await gatehouse.call(other, `/${BASE_PATH}${path}`);
      await expectProblem(answer, 405, 'method_not_allowed');
      expect(answer.headers.get('Allow')?.split(', ').sort()).toEqual([...allowed].sort());
    }
  });
});

test('an unknown path is a problem like any other', async () => {
  for (const path of ['/nowhere', '//api/v2/auth/login', '/signup/', '/SIGNUP']) {
    await expectProblem(await gatehouse.get(path), 404, 'not_found');
  }
});

test('bad input changes nothing', async () => {
  const who = person('changed');
  await gatehouse.post('/signup', { ...who, isAdmin: true });
  await gatehouse.post('/signup', { ...who, email: `${who.email}\u0000` });
  expect(await query('SELECT FROM users WHERE email = $1', [who.email])).toEqual([]);
});
