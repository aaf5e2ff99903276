/** The mailbox client finds the mail that Resend's stand-in took. */
import { randomUUID } from 'node:crypto';
import { Resend } from 'resend';
import { expect, inject, it } from 'vitest';
import { codeIn, linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';

const { RESEND_BASE_URL, RESEND_API_KEY } = inject('env');
const resend = new Resend(RESEND_API_KEY, { baseUrl: RESEND_BASE_URL });

async function send(to: string, text: string): Promise<void> {
  const mail = {
    from: 'Gatehouse <no-reply@gatehouse.example>',
    to,
    subject: 'Hello',
    text,
    html: `<p>${text}</p>`,
  };
  const { error } = await resend.emails.send(mail, { idempotencyKey: randomUUID() });
  expect(error).toBeNull();
}

it('waits for the next message and reads the code or the link in it', async () => {
  const address = `${randomUUID()}@example.com`;
  const awaited = nextMessageTo(address);
  await send(address, 'Your code is 012345, for 2026-11-22.');
  const first = await awaited;
  expect(codeIn(first)).toBe('012345');
  expect(() => linkTokenIn(first)).toThrow('is not in "Hello"');

  await send(address, 'Open https://gatehouse.example/cancel#token=aB3_-x.9 to cancel.');
  const second = await nextMessageTo(address, { after: first });
  expect(linkTokenIn(second)).toBe('aB3_-x.9');
  expect((await messagesTo(address)).map(({ id }) => id)).toEqual([second.id, first.id]);
});

it('gives up when no message comes', async () => {
  const address = `${randomUUID()}@example.com`;
  await expect(nextMessageTo(address, { timeoutMs: 100 })).rejects.toThrow(`No new message to ${address}`);
});
