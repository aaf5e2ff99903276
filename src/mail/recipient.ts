/**
 * MACs of the address of a mail, by which the lanes count (store/mail-lanes.ts). There is one for each configured mail
 * key, and new mail is written under the first. So a rotation of keys does not restart a count: a retired key is kept
 * longer than the longest window.
 */
import { createHmac } from 'node:crypto';
import type { Key, KeyRing } from '../lib/key-ring.ts';
import type { RecipientKeys } from '../store/mail-lanes.ts';

/** For exactly this address. */
export const recipientKeys = ([current, ...older]: KeyRing, email: string): RecipientKeys => [
  recipientKey(current, email),
  ...older.map((key) => recipientKey(key, email)),
];

/** For all addresses `name+tag@` of one mailbox together. An address without a tag stands for itself. */
export const mailboxKeys = (keys: KeyRing, email: string): RecipientKeys =>
  recipientKeys(keys, email.replace(/\+.*@/, '+@'));

/** The label separates it from everything else that is derived with these keys (proof.ts). */
const recipientKey = (key: Key, email: string): Uint8Array =>
  createHmac('sha256', key.secret).update(`recipient\n${email}`).digest();
