/** The stand-in fails as it is told to, for one address, and repeats its chance for the same seed. */
import { randomUUID } from 'node:crypto';
import { expect, inject, it, vi } from 'vitest';
import { resendMailer } from '../../src/ports/mailer.ts';
import { attemptsTo, failMail, messagesTo } from '../support/mailbox.ts';

const { RESEND_BASE_URL, RESEND_API_KEY } = inject('env');
const send = (to: string, idempotencyKey: string = randomUUID()) =>
  resendMailer({ resendApiKey: RESEND_API_KEY, resendBaseUrl: RESEND_BASE_URL, mailTimeoutMs: 60_000 }).send({
    ...{ to, from: 'a@example.com', subject: 'Hello', text: 'x', html: 'x' },
    idempotencyKey,
  });
const address = () => `${randomUUID()}@example.com`;

it.each([
  ['429', { result: 'throttled', failure: '429 rate_limit_exceeded', afterSeconds: 9 }],
  ['500', { result: 'retry', failure: '500 internal_server_error' }],
  ['timeout', { result: 'retry', failure: 'timeout' }],
  ['slow', { result: 'retry', failure: 'timeout' }],
  ['refused', { result: 'refused', failure: '422 validation_error' }],
  ['down', { result: 'retry', failure: 'no answer application_error' }],
  ['drop', { result: 'retry', failure: 'no answer application_error' }],
] as const)('%s, once and for one address', async (kind, delivery) => {
  const [one, other] = [address(), address()];
  await failMail({ to: one, kind, next: 1, retryAfterSeconds: 9, slowSeconds: 60 });
  expect(await send(other)).toMatchObject({ result: 'sent' });
  const key = randomUUID();
  // What answers late or never is given up as soon as it has arrived there.
  const over = new AbortController();
  if (/^(timeout|slow)$/.test(kind)) vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(over.signal);
  const sending = send(one, key);
  await expect.poll(async () => (await attemptsTo(one)).map(({ outcome }) => outcome)).toEqual([kind]);
  over.abort(new DOMException('no answer in time', 'TimeoutError'));
  expect(await sending).toEqual(delivery);
  expect(await messagesTo(one)).toHaveLength(kind === 'drop' ? 1 : 0);
  expect(await send(one, key)).toMatchObject({ result: 'sent' });
  expect(await messagesTo(one)).toHaveLength(1);
  expect((await attemptsTo(one)).map(({ outcome }) => outcome)).toEqual([
    kind,
    kind === 'drop' ? 'repeated' : 'accepted',
  ]);
});

it('draws the same failures from the same seed', async () => {
  const runs = [];
  for (const to of [address(), address()]) {
    await failMail({ to, kind: '500', rate: 0.3, seed: 42 });
    const results = [];
    for (let send_ = 0; send_ < 40; send_++) results.push((await send(to)).result);
    runs.push(results);
  }
  expect(runs[0]).toEqual(runs[1]);
  expect(new Set(runs[0])).toEqual(new Set(['sent', 'retry']));
});

it('an unknown kind is refused', async () => {
  await expect(failMail({ to: address(), kind: 'meteor' as never })).rejects.toThrow('422');
});
