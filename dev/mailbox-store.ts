/**
 * The "sent" mail, as JSON lines when a file is given. An idempotency key is known for 24 hours, as at Resend, even
 * when its message is deleted.
 */
import { createHash, randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from '../tooling/paths.ts';
import { UserError } from '../tooling/user-error.ts';
import type { Mail } from './resend-request.ts';

export type Sent = {
  id: string;
  receivedAt: string;
  idempotencyKey: string | null;
  digest: string;
  /** Null once the message was deleted. */
  mail: Mail | null;
};
export type Message = Sent & { mail: Mail };

const KEY_LIFETIME_MS = 24 * 3_600_000;

export class MailboxStore {
  readonly #file: string | undefined;
  #sent: Sent[];

  constructor(file?: string) {
    this.#file = file;
    this.#sent = file && existsSync(file) ? readLines(file) : [];
  }

  /**
   * The message, or the one that was accepted earlier under the same key. Undefined if that one had other content.
   */
  accept(mail: Mail, idempotencyKey: string | null): (Sent & { repeated: boolean }) | undefined {
    const digest = createHash('sha256').update(JSON.stringify(mail)).digest('hex');
    const earlier = idempotencyKey === null ? undefined : this.#acceptedUnder(idempotencyKey);
    if (earlier) return earlier.digest === digest ? { ...earlier, repeated: true } : undefined;

    const sent = { id: randomUUID(), receivedAt: new Date().toISOString(), idempotencyKey, digest, mail };
    this.#sent.push(sent);
    if (this.#file) appendFileSync(this.#file, `${JSON.stringify(sent)}\n`, { mode: 0o600 });
    return { ...sent, repeated: false };
  }

  /** Newest first. */
  messages(): Message[] {
    return this.#sent.filter(isMessage).reverse();
  }

  clear(): void {
    this.#sent = this.#sent.filter(hasLiveKey).map((sent) => ({ ...sent, mail: null }));
    if (this.#file) writeFileSync(this.#file, this.#sent.map((sent) => `${JSON.stringify(sent)}\n`).join(''));
  }

  #acceptedUnder(key: string): Sent | undefined {
    return this.#sent.findLast((sent) => sent.idempotencyKey === key && hasLiveKey(sent));
  }
}

function hasLiveKey(sent: Sent): boolean {
  return sent.idempotencyKey !== null && Date.parse(sent.receivedAt) > Date.now() - KEY_LIFETIME_MS;
}

function isMessage(sent: Sent): sent is Message {
  return sent.mail !== null;
}

function readLines(file: string): Sent[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  try {
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Sent);
  } catch {
    throw new UserError(`The mail kept in ${relative(root, file)} is damaged: remove that file.`);
  }
}
