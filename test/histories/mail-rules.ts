/** Mail that strangers can cause (docs/decisions/0008): when an address may get one more. */
import type { MailKind } from '../../src/store/mail-kinds.ts';
import type { Mail, ResetLink } from './mailed.ts';
import { DAY, HOUR, MINUTE, type Model } from './model.ts';

const mailbox = (address: string) => address.replace(/\+.*@/, '+@');

/** One notice a day that an address is taken, whatever caused it. */
export const noticeFits = (m: Model, to: string): boolean =>
  !m.mails.some(
    (mail) =>
      (mail.kind === 'already_registered' || mail.kind === 'change_email_taken') &&
      mail.to === to &&
      mail.fate !== 'skipped' &&
      mail.at > m.now - DAY,
  );

/** Four codes a day, for all `name+tag@` of one mailbox together. */
export const codeFits = (m: Model, kind: 'verify_email' | 'change_email', to: string): boolean =>
  m.mails.filter(
    (mail) =>
      mail.kind === kind &&
      mail.fate !== 'skipped' &&
      mailbox(mail.to) === mailbox(to) &&
      mail.at > m.now - DAY - 10 * MINUTE,
  ).length < 4;

/** No link of a sign-up that works is in the mailbox. */
export const isLinkDue = (m: Model, to: string): boolean =>
  !to.includes('+') &&
  !m.signups.some((s) => s.email === to && isMailed(m, s.codeMail) && s.expiresAt > m.now && s.linkTries < 5);

/** It is in the mailbox, or on its way there. */
const isMailed = (m: Model, id: string | null): boolean =>
  m.mails.some((mail) => mail.id === id && mail.fate !== 'skipped');

/** Five requests an hour and ten a day of one person. */
export function mayAskForChange(m: Model, account: string): boolean {
  const since = (span: number) => m.asked.filter((a) => a.account === account && a.at > m.now - span).length;
  return since(HOUR) < 5 && since(DAY) < 10;
}

/** Links that reset the password of the account and are in the mailbox of this address. */
export const liveLinks = (m: Model, account: string, email: string): ResetLink[] =>
  m.links.filter(
    (link) =>
      link.account === account &&
      link.email === email &&
      link.hasSet === null &&
      link.expiresAt > m.now &&
      m.mails.every((mail) => mail.about !== link.id || mail.fate !== 'skipped'),
  );

/** None is live; or one is, and the request comes from another network or a known device. */
export function isResetDue(live: ResetLink[], network: string, isKnown: boolean): boolean {
  const [only] = live;
  if (only === undefined) return true;
  return live.length === 1 && (only.network !== network || isKnown);
}

/** Mail that strangers can cause. A reset is one, but is always sent: otherwise a complaint would lock the owner out. */
export const CAUSED_BY_STRANGERS = [
  'verify_email',
  'already_registered',
  'change_email',
  'change_email_taken',
] satisfies MailKind[];

/** A bounce stops every mail to the address, a complaint only the mail that strangers can cause. */
export function isSuppressed(m: Model, { to, kind }: Mail): boolean {
  const reason = m.suppressions[to];
  const isCausedByStrangers = CAUSED_BY_STRANGERS.some((one) => one === kind);
  return reason === 'bounced' || (reason === 'complained' && isCausedByStrangers);
}

/** A mailed link or code was used: so mail arrives there, and is wanted. */
export function liftSuppression(m: Model, address: string): void {
  delete m.suppressions[address];
}

/** The content of the mail is no longer true, so it is not sent. */
export function isStale(m: Model, { kind, id, about }: Mail): boolean {
  if (kind === 'verify_email')
    return !m.signups.some((s) => s.id === about && s.codeMail === id && s.expiresAt > m.now);
  if (kind === 'reset_password')
    return !m.links.some((link) => link.id === about && link.expiresAt > m.now && link.hasSet === null);
  if (kind === 'change_email')
    return !m.changes.some((c) => c.codeMail === id && !c.isUsed && c.expiresAt > m.now);
  return false;
}
