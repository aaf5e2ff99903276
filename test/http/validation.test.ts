/** What a value in a request may be, and what a refusal says of it. */
import { expect, test } from 'vitest';
import { type Answer, startGatehouse } from '../support/gatehouse.ts';
import { codeIn, nextMessageTo } from '../support/mailbox.ts';
import { loggedIn, login, person, signUp } from '../support/person.ts';

const gatehouse = startGatehouse();

const errorsOf = ({ status, body }: Answer): { path: string; message: string }[] => {
  expect(status).toBe(422);
  return body.errors;
};

test.each([
  ['a line break', 'Ada\r\nBcc: eve@example.com', 'control'],
  ['a line separator', 'Ada\u2028Eve', 'control'],
  ['an override of its direction', 'Ada \u202egnp.exe', 'bidirectional'],
  ['an isolate', 'Ada \u2066Eve\u2069', 'bidirectional'],
  ['tag characters', `Ada${'\u{e0041}\u{e0042}'}`, 'tag characters'],
  ['a byte order mark', '\ufeffAda', 'byte order mark'],
  ['only zero-width characters', '\u200b\u200d\u2060', 'visible'],
  ['only no-break spaces', '\u00a0\u00a0', 'visible'],
])('a name with %s is refused with a word on it', async (_, name, word) => {
  const [error, ...others] = errorsOf(await gatehouse.post('/signup', { ...person(), name }));
  expect(error).toEqual({ path: 'name', message: expect.stringContaining(word) });
  expect(others.filter(({ path }) => path !== 'name')).toEqual([]);
});

test.each([
  'Ada Lovelace',
  'José Ñandú',
  '李小龙',
  'محمد',
  'می\u200cخواهم',
  '👩\u200d💻 Ada',
  'D\'Arcy "Dot" O\'Neil',
])('a name may be %s', async (name) => {
  expect((await gatehouse.post('/signup', { ...person(), name })).status).toBe(200);
});

test.each([
  ['ada\u00a0@example.com', 'invisible'],
  ['\ufeffada@example.com', 'invisible'],
  ['ada@example.com\u200b', 'invisible'],
  ['ada\u202e@example.com', 'invisible'],
  ['\u212aelvin@example.com', 'ASCII'],
  ['adä@example.com', 'ASCII'],
  ['ada@\u212aelvin.example', 'an email address'],
])('%j is no address, and the answer has a word on why', async (email, word) => {
  for (const path of ['/signup', '/login', '/forgot-password']) {
    const body = path === '/forgot-password' ? { email } : { ...person(), email };
    const { name: _name, ...credentials } = body as ReturnType<typeof person>;
    const [error] = errorsOf(await gatehouse.post(path, path === '/signup' ? body : credentials));
    expect(error).toEqual({ path: 'email', message: expect.stringContaining(word) });
  }
});

test('an id in upper case is the same id, in a body, in a path and as a cursor', async () => {
  const who = person();
  const { id, mail } = await signUp(gatehouse, who);
  expect(id).toMatch(/[a-f]/);
  const upper = id.toUpperCase();
  expect((await gatehouse.post('/verify-email/resend', { id: upper })).status).toBe(200);
  const newest = await nextMessageTo(who.email, { after: mail });
  expect((await gatehouse.post('/verify-email', { id: upper, code: codeIn(newest) })).status).toBe(200);

  const { accessToken: token } = (await login(gatehouse, who)).body.data;
  await login(gatehouse, who);
  const { sessions } = (await gatehouse.get('/sessions', { token })).body.data;
  const other = sessions.find(({ current }: { current: boolean }) => !current).id;
  const { events, nextCursor } = (await gatehouse.get('/events?limit=1', { token })).body.data;
  const next = await gatehouse.get(`/events?limit=1&cursor=${nextCursor.toUpperCase()}`, { token });
  expect(next.body.data.events[0].id).not.toBe(events[0].id);
  expect((await gatehouse.delete(`/sessions/${other.toUpperCase()}`, { token })).status).toBe(200);
  expect((await gatehouse.get('/sessions', { token })).body.data.sessions).toHaveLength(1);
});

test('bytes that are no UTF-8 are refused, also inside a string', async () => {
  const [before = '', after = ''] = JSON.stringify({ ...person(), name: 'Ada|' }).split('|');
  const encode = (text: string) => [...new TextEncoder().encode(text)];
  for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
    const raw = new Uint8Array([...encode(before), ...bytes, ...encode(after)]);
    expect(await gatehouse.call('POST', '/signup', undefined, { raw })).toMatchObject({
      status: 400,
      body: { code: 'malformed_json' },
    });
  }
});

test('no more than twenty errors are named, and none by more than a hundred characters or other than our own', async () => {
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`field${index}`, 1]));
  expect(errorsOf(await gatehouse.post('/signup', { ...person(), ...many }))).toHaveLength(20);
  const [long] = errorsOf(await gatehouse.post('/signup', { ...person(), ['x'.repeat(5_000)]: 1 }));
  expect(long?.path).toBe('x'.repeat(100));
  const [markup] = errorsOf(await gatehouse.post('/signup', { ...person(), '<b>\u202e\n': 1 }));
  expect(markup?.path).toBe('?b???');
});

test('a name that stands in the query twice is refused, and neither it nor an unknown one comes back as it was sent', async () => {
  const { accessToken: token } = await loggedIn(gatehouse);
  const errors = async (query: string) => errorsOf(await gatehouse.get(`/events?${query}`, { token }));
  const twice = { message: 'Invalid input: expected string, received array' };
  expect(await errors('limit=1&limit=2')).toEqual([{ path: 'limit', ...twice }]);
  expect(await errors('cursor=1&cursor=1')).toEqual([{ path: 'cursor', ...twice }]);
  for (const unknown of ['%3Cb%3E=1', '%3Cb%3E=1&%3Cb%3E=2'])
    expect(await errors(unknown)).toEqual([{ path: '?b?', message: 'is not a known field' }]);
});

test('a body of as many bytes as may be sent is read, and one byte more is not', async () => {
  const gatehouse = startGatehouse({ BODY_LIMIT_BYTES: '1024' });
  const send = async (bytes: number) =>
    (await gatehouse.call('POST', '/login', undefined, { raw: `{${' '.repeat(bytes - 2)}}` })).status;
  expect([await send(1_024), await send(1_025)]).toEqual([422, 413]);
});

test.each([
  ['/login', 'password', { email: 'ada@example.com', password: 'x'.repeat(2_049) }],
  ['/verify-email', 'code', { id: crypto.randomUUID(), code: '12345' }],
  ['/verify-email', 'code', { id: crypto.randomUUID(), code: '1234567' }],
])('%s takes no %s that is longer or shorter than it can be', async (path, field, body) => {
  const answer = await startGatehouse().post(path, body);
  expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: field }] } });
});
