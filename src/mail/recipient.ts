/**
 * Whom a mail went to, for the lanes that count it (store/mail-lanes.ts): MACs of the canonical address. One for each
 * mail key that is configured, the one that is written first, so that a rotation starts no count anew: a retired key
 * stays longer than the longest window.
 */
import { createHmac } from 'node:crypto';
import type { Key, KeyRing } from '../lib/key-ring.ts';
import type { RecipientKeys } from '../store/mail-lanes.ts';

/** Of exactly this address. */
export const recipientKeys = ([current, ...older]: KeyRing, email: string): RecipientKeys => [
  recipientKey(current, email),
  ...older.map((key) => recipientKey(key, email)),
];

/** Of all addresses `name+tag@` of one mailbox together, whatever the tag; an address without one is itself. */
export const mailboxKeys = (keys: KeyRing, email: string): RecipientKeys =>
  recipientKeys(keys, email.replace(/\+.*@/, '+@'));

/** The label keeps it apart from what else is derived with these keys (proof.ts). */
const recipientKey = (key: Key, email: string): Uint8Array =>
  createHmac('sha256', key.secret).update(`recipient\n${email}`).digest();
