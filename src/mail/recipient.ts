/**
 * Whom a mail went to, when the outbox knows the address no more: MACs of the canonical address, by which the mail
 * budget counts. One for each mail key that is configured, the one that is written first, so that a rotation starts no
 * budget anew: a retired key stays longer than the longest window.
 */
import { createHmac } from 'node:crypto';
import type { Key, KeyRing } from '../lib/key-ring.ts';
import type { RecipientKeys } from '../store/mail-budget.ts';

export const recipientKeys = ([current, ...older]: KeyRing, email: string): RecipientKeys => [
  recipientKey(current, email),
  ...older.map((key) => recipientKey(key, email)),
];

/** The label keeps it apart from what else is derived with these keys (proof.ts). */
const recipientKey = (key: Key, email: string): Uint8Array =>
  createHmac('sha256', key.secret).update(`recipient\n${email}`).digest();
