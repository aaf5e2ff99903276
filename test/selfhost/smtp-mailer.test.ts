/** Mail by SMTP, to a real server: what arrives, and what becomes of a mail that does not. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { smtpMailer } from '../../selfhost/jobs/smtp-mailer.ts';

type Refusal = { at: 'from' | 'to' | 'data'; code: number };

const refused = ({ code }: Refusal) => Object.assign(new Error('no'), { responseCode: code });

/** A server that takes every mail, or refuses it at one point. */
async function mailServer(refusal?: Refusal) {
  const received: { to: string[]; source: string }[] = [];
  const isAt = (point: Refusal['at']) => (refusal?.at === point ? refused(refusal) : null);
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ password }, _, done) =>
      done(password === 'right' ? null : Object.assign(new Error('no'), { responseCode: 535 }), {
        user: 'x',
      }),
    onMailFrom: (_, __, done) => done(isAt('from')),
    onRcptTo: (_, __, done) => done(isAt('to')),
    onData(stream, { envelope }, done) {
      text(stream).then((source) => {
        received.push({ to: envelope.rcptTo.map(({ address }) => address), source });
        done(isAt('data'));
      }, done);
    },
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  onTestFinished(() => new Promise((closed) => server.close(() => closed())));
  return { received, url: `smtp://127.0.0.1:${(server.server.address() as { port: number }).port}` };
}

const mailer = (url: string, timeoutMs = 60_000) => smtpMailer({ url, isTlsNeeded: false, timeoutMs });
const letter = {
  to: 'ada@example.com',
  from: 'Gatehouse <no-reply@auth.gatehouse.dev>',
  subject: '123456 is your code',
  text: 'Your code is 123456. Grüße',
  html: '<p>Your code is 123456</p>',
  idempotencyKey: '0198f3a2-7c11-7d4e-9b7a-5f0a3c2d1e4f',
};

test('a mail arrives with both texts, and the same Message-ID at each attempt', async () => {
  const { url, received } = await mailServer();
  const messageId = `<${letter.idempotencyKey}@auth.gatehouse.dev>`;
  for (let attempt = 0; attempt < 2; attempt++)
    expect(await mailer(url).send(letter)).toEqual({ result: 'sent', providerId: messageId });
  for (const { to, source } of received) {
    expect(to).toEqual(['ada@example.com']);
    for (const part of [
      `Message-ID: ${messageId}`,
      'Auto-Submitted: auto-generated',
      'text/plain',
      'text/html',
    ])
      expect(source).toContain(part);
  }
  expect(received).toHaveLength(2);
});

test('one mail has one recipient, whatever its address looks like', async () => {
  const { url, received } = await mailServer();
  await mailer(url).send({ ...letter, to: 'ada@example.com,eve@example.com' });
  await mailer(url).send({ ...letter, to: 'Eve <eve@example.com>' });
  expect(received.flatMap(({ to }) => to)).not.toContain('eve@example.com');
  const broken = await mailer(url).send({ ...letter, subject: 'x\r\nBcc: eve@example.com' });
  expect(broken).toEqual({ result: 'refused', failure: 'control character in a header' });
});

test.each([
  ['no such mailbox', { at: 'to', code: 550 }, { result: 'refused', failure: '550 EENVELOPE' }],
  ['a greylist', { at: 'to', code: 451 }, { result: 'retry', failure: '451 EENVELOPE', afterSeconds: 300 }],
  ['spam', { at: 'data', code: 554 }, { result: 'refused', failure: '554 EMESSAGE' }],
  ['a full disk', { at: 'data', code: 452 }, { result: 'retry', failure: '452 EMESSAGE', afterSeconds: 300 }],
] as const)('%s', async (_, refusal, delivery) => {
  const { url } = await mailServer(refusal);
  expect(await mailer(url).send(letter)).toEqual(delivery);
});

test('a wrong password and a missing server are no attempts of a mail', async () => {
  const { url } = await mailServer();
  expect(await mailer(url.replace('//', '//me:wrong@')).send(letter)).toMatchObject({ result: 'throttled' });
  expect(await mailer(url.replace('//', '//me:right@')).send(letter)).toMatchObject({ result: 'sent' });
  expect(await mailer('smtp://127.0.0.1:1').send(letter)).toMatchObject({
    result: 'throttled',
    afterSeconds: 15,
  });
});

test('without STARTTLS nothing is sent, unless that is allowed', async () => {
  const { url, received } = await mailServer();
  const strict = smtpMailer({ url, isTlsNeeded: true, timeoutMs: 60_000 });
  expect(await strict.send(letter)).toMatchObject({ result: 'throttled' });
  expect(received).toEqual([]);
});

test('a server that says nothing costs the time limit, and the fate of the mail is unknown', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as { port: number };
  expect(await mailer(`smtp://127.0.0.1:${port}`, 200).send(letter)).toMatchObject({ result: 'retry' });
});
