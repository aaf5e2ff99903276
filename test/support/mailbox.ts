/** The mail that the app has sent, read from the mailbox of the Resend stand-in. Uses `fetch` alone. */
import { expect, inject, onTestFinished } from 'vitest';
import type { Attempt, FaultKind, FaultOrder } from '../../dev/mailbox-faults.ts';

const POLL_MS = 25;

export type Message = {
  id: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  receivedAt: string;
  idempotencyKey: string | null;
};

/** Newest first. */
export async function messagesTo(address: string): Promise<Message[]> {
  const response = await fetch(
    `${inject('env').RESEND_BASE_URL}/api/messages?to=${encodeURIComponent(address)}`,
  );
  if (!response.ok) throw new Error(`The mailbox answered ${response.status}.`);
  return (await response.json()) as Message[];
}

/** The first message to the address that is newer than `after`; waits for it. */
export async function nextMessageTo(
  address: string,
  { after, timeoutMs = 80_000 }: { after?: Message; timeoutMs?: number } = {},
): Promise<Message> {
  // Rounds are counted, for a test may have stopped the clock.
  for (let round = 0; round * POLL_MS < timeoutMs; round++) {
    const messages = await messagesTo(address);
    const seen = messages.findIndex(({ id }) => id === after?.id);
    const next = messages.slice(0, seen === -1 ? messages.length : seen).at(-1);
    if (next) return next;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`No new message to ${address} within ${timeoutMs} ms.`);
}

/** The newest message to the address that has these words and is newer than `after`; waits for it. */
export async function mailWith(address: string, words: RegExp, after?: Message): Promise<Message> {
  const found = async () => {
    const messages = await messagesTo(address);
    const seen = messages.findIndex(({ id }) => id === after?.id);
    return messages
      .slice(0, seen === -1 ? messages.length : seen)
      .find(({ subject, text }) => words.test(`${subject}\n${text}`));
  };
  await expect.poll(found).toBeDefined();
  return (await found()) as Message;
}

/**
 * Makes the provider fail for one address until the test ends: the next n sends, or a share of all. Mail that is still
 * owed then goes out with that of later tests, and must not hold it up.
 */
export async function failMail(order: Partial<FaultOrder> & { to: string; kind: FaultKind }): Promise<void> {
  onTestFinished(() => mendMail(order.to));
  const body = JSON.stringify(order);
  const response = await fetch(`${inject('env').RESEND_BASE_URL}/api/failures`, { method: 'PUT', body });
  if (!response.ok) throw new Error(`The mailbox answered ${response.status}.`);
}

export async function mendMail(to: string): Promise<void> {
  const query = `to=${encodeURIComponent(to)}`;
  await fetch(`${inject('env').RESEND_BASE_URL}/api/failures?${query}`, { method: 'DELETE' });
}

/** What became of every send to the address, oldest first. */
export async function attemptsTo(address: string): Promise<Attempt[]> {
  const query = `to=${encodeURIComponent(address)}`;
  const response = await fetch(`${inject('env').RESEND_BASE_URL}/api/attempts?${query}`);
  return ((await response.json()) as Attempt[]).reverse();
}

export function codeIn(message: Message): string {
  return found(/(?<!\d)\d{6}(?!\d)/, message)[0];
}

export function linkTokenIn(message: Message): string {
  return found(/(?<=#token=)[\w.~%-]+/, message)[0];
}

function found(pattern: RegExp, { subject, text }: Message): RegExpExecArray {
  const match = pattern.exec(text);
  if (!match) throw new Error(`${pattern} is not in "${subject}":\n${text}`);
  return match;
}
