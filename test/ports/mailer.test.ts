/** What each answer of the mail provider means for the letter. */
import { afterEach, expect, test, vi } from 'vitest';
import { MAIL_TAG } from '../../src/mail/message.ts';
import { resendMailer } from '../../src/ports/mailer.ts';

const letter = {
  to: 'ada@example.com',
  from: 'Gatehouse <no-reply@gatehouse.example>',
  subject: 'x',
  text: 'x',
  html: '<p>x</p>',
  idempotencyKey: crypto.randomUUID(),
};

afterEach(() => vi.restoreAllMocks());

test.each<[number, string, Record<string, string>, object]>([
  [408, 'request_timeout', {}, { result: 'retry', failure: '408 request_timeout' }],
  [409, 'concurrent_idempotent_requests', {}, { result: 'retry' }],
  // It was accepted before, in other words.
  [409, 'invalid_idempotent_request', {}, { result: 'sent', providerId: null }],
  [500, 'internal_server_error', {}, { result: 'retry', failure: '500 internal_server_error' }],
  [503, 'unavailable', { 'Retry-After': '90' }, { result: 'retry', afterSeconds: 90 }],
  [400, 'invalid_parameter', {}, { result: 'refused', failure: '400 invalid_parameter' }],
  [403, 'invalid_from_address', {}, { result: 'refused' }],
  [422, 'validation_error', {}, { result: 'refused', failure: '422 validation_error' }],
  [429, 'rate_limit_exceeded', {}, { result: 'throttled', afterSeconds: 5 }],
  [429, 'daily_quota_exceeded', {}, { result: 'throttled', afterSeconds: 3_600 }],
  [429, 'monthly_quota_exceeded', { 'Retry-After': '7' }, { result: 'throttled', afterSeconds: 7 }],
])('%i %s', async (statusCode, name, headers, delivery) => {
  const body = JSON.stringify({ statusCode, name, message: `no mail to ${letter.to}` });
  vi.spyOn(globalThis, 'fetch').mockImplementation(
    async () =>
      new Response(body, { status: statusCode, headers: { 'Content-Type': 'application/json', ...headers } }),
  );
  const mailer = resendMailer({ resendApiKey: 're_test', mailTimeoutMs: 10_000 });
  const found = await mailer.send(letter);
  expect(found).toMatchObject(delivery);
  // What the provider says may quote the letter.
  expect(JSON.stringify(found)).not.toContain(letter.to);
});

test('a letter asks no robot for an answer, is not tracked, and names its mail in key and tag', async () => {
  const sent: Request[] = [];
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    sent.push(new Request(input as RequestInfo, init));
    return Response.json({ id: crypto.randomUUID() });
  });
  const mailer = resendMailer({ resendApiKey: 're_test', mailTimeoutMs: 10_000 });
  expect(await mailer.send(letter)).toMatchObject({ result: 'sent' });
  const [request] = sent;
  expect(request?.headers.get('Idempotency-Key')).toBe(letter.idempotencyKey);
  const { idempotencyKey, ...words } = letter;
  expect(await request?.json()).toEqual({
    ...words,
    headers: { 'Auto-Submitted': 'auto-generated' },
    tags: [{ name: MAIL_TAG, value: idempotencyKey }],
  });
});
