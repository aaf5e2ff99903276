/** What is mailed, and what the codes and links in it are for. Instants are milliseconds. */
import type { MailKind } from '../../src/store/mail-kinds.ts';

export type Signup = {
  id: string;
  email: string;
  password: string;
  expiresAt: number;
  /** The mail whose code counts; null when that was mailed to nobody. */
  codeMail: string | null;
  codeExpiresAt: number;
  tries: number;
  linkTries: number;
  resends: number;
  at: number;
};

/** What is left of a sign-up that became an account: its proof may be sent twice. */
export type UsedProof = Signup & { usedAt: number };

export type ResetLink = {
  id: string;
  account: string;
  email: string;
  network: string;
  expiresAt: number;
  /** The version of the password that it has set; null for one that has not been used. */
  hasSet: number | null;
};

/** A change of address that waits for its code. Its id is that of the notice to the old address. */
export type Change = {
  id: string;
  account: string;
  email: string;
  /** Null: the code is mailed to nobody, or is void from the start. */
  codeMail: string | null;
  expiresAt: number;
  tries: number;
  isVoid: boolean;
  isUsed: boolean;
};

export type Undo = { id: string; account: string; email: string; expiresAt: number; at: number };

/** `about` is the id of the sign-up, link or change that the mail carries a secret of. */
export type Mail = {
  id: string;
  kind: MailKind;
  to: string;
  at: number;
  about: string;
  /** `skipped`: it was not sent, because its content is no longer true, or because the address wants no mail. */
  fate: 'owed' | 'sent' | 'skipped';
  settledAt: number;
};
