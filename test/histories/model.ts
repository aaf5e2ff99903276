/**
 * The expected state, as plain data: who has an account, who is logged in, what is in which mailbox. It knows nothing of
 * tables or statements; the numbers are those of docs/threats.md, but for the few that `SETTINGS` makes small enough to be
 * reached within a history. The rules stand in the *-rules.ts files, one for each part of the product.
 */
import type { MailKind } from '../../src/store/mail-kinds.ts';
import type { Change, Mail, ResetLink, Signup, Undo, UsedProof } from './mailed.ts';

/** Instants are milliseconds. `null` as password: none opens the account until a reset. */
export type Account = {
  id: string;
  email: string;
  password: string | null;
  /** The version of the password: a device is known for one version. */
  version: number;
  hasLoggedIn: boolean;
  wrongSinceSuccess: number;
  /** When a deletion that waits is carried out. */
  erasedAt: number | null;
  /** By an operator. */
  isDisabled: boolean;
  /** The authenticator app, and the step of the newest code that it was used with. */
  app: { id: string; lastStep: number; addedAt: number } | null;
  recovery: { set: string; used: number[]; madeAt: number } | null;
  /** Counts the changes of the factors: tickets and trust are for one state of them. */
  epoch: number;
};

export type Session = {
  id: string;
  account: string;
  transport: 'body' | 'cookie';
  device: string;
  /** Changes with the password: older tokens are void. */
  secret: string;
  generation: number;
  exchanged: number | null;
  rotatedAt: number;
  openedAt: number;
  idleUntil: number;
  endsAt: number;
  /** The version of the password that this session has set. */
  hasSet: number | null;
};

export type Counter = {
  owner: string;
  failures: number;
  inARow: number;
  windowEndsAt: number;
  lockedUntil: number;
  expiresAt: number;
};

export type Model = {
  now: number;
  /** The request that is judged: its results have the same names, whatever came before. */
  cause: string;
  accounts: Account[];
  signups: Signup[];
  usedProofs: UsedProof[];
  sessions: Session[];
  links: ResetLink[];
  changes: Change[];
  undos: Undo[];
  /** By whom and when a change of address was requested, if it was granted. */
  asked: { account: string; at: number }[];
  mails: Mail[];
  /** Addresses that bounced or complained. */
  suppressions: Record<string, 'bounced' | 'complained'>;
  /** Sessions that ended because one of their old tokens was shown. */
  alarms: string[];
  counters: Record<string, Counter>;
  /** Tickets that have opened a session or allowed an act. */
  usedTickets: string[];
};

/** Small, so that a history of some twenty steps can reach them. */
export const SETTINGS = {
  LOGIN_TRIES: '3',
  LOGIN_STRANGER_TRIES: '5',
  LOGIN_FAILURES_IN_A_ROW: '8',
  SESSIONS_MAX: '3',
};

export const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

/** What is expected of an answer. */
export type Expected = { status: number; code?: string; outcome?: string };

export const OK: Expected = { status: 200 };
export const refused = (status: number, code: string): Expected => ({ status, code });

export const RATE_LIMITED = refused(429, 'rate_limited');

export const emptyModel = (now: number): Model => ({
  now,
  cause: '',
  accounts: [],
  signups: [],
  usedProofs: [],
  sessions: [],
  links: [],
  changes: [],
  undos: [],
  asked: [],
  mails: [],
  suppressions: {},
  alarms: [],
  counters: {},
  usedTickets: [],
});

export const accountOf = (m: Model, email: string): Account | undefined =>
  m.accounts.find((account) => account.email === email);
export const accountById = (m: Model, id: string): Account | undefined =>
  m.accounts.find((account) => account.id === id);

/** Neither its owner has closed it nor an operator. */
export const isOpen = ({ erasedAt, isDisabled }: Account): boolean => erasedAt === null && !isDisabled;

export const isLive = (m: Model, session: Session): boolean =>
  session.idleUntil > m.now && session.endsAt > m.now;
export const liveSession = (m: Model, id: string): Session | undefined =>
  m.sessions.find((session) => session.id === id && isLive(m, session));

export const newVersion = (m: Model, { version }: Account): number => Math.max(m.now, version + 1);

/** A mail is owed; nothing when it is not `isDue`. Gives its id. */
export function owe(m: Model, kind: MailKind, to: string, about = '', isDue = true): string | null {
  if (!isDue) return null;
  const same = m.mails.filter((mail) => mail.id.startsWith(`${m.cause}: ${kind} to ${to}`)).length;
  const id = `${m.cause}: ${kind} to ${to} ${same}`;
  m.mails.push({ id, kind, to, at: m.now, about, fate: 'owed', settledAt: 0 });
  return id;
}

/** Everything that only exists with the account. Its counters are deleted in lockout-rules.ts. */
export function forgetAccount(m: Model, id: string): void {
  m.accounts = m.accounts.filter((account) => account.id !== id);
  m.usedProofs = m.usedProofs.filter((proof) => proof.id !== id);
  m.undos = m.undos.filter((undo) => undo.account !== id);
  endSessions(m, id);
  voidMailed(m, id);
}

export function endSessions(m: Model, account: string, except?: string): void {
  m.sessions = m.sessions.filter((session) => session.account !== account || session.id === except);
}

/** Reset links and a change of address that waits. */
export function voidMailed(m: Model, account: string): void {
  m.links = m.links.filter((link) => link.account !== account);
  m.changes = m.changes.filter((change) => change.account !== account);
}

/** The address belongs to an account, or will again if the old mailbox undoes a change. */
export const isReservedFor = (m: Model, email: string, account: string | null): boolean =>
  m.undos.some((undo) => undo.email === email && undo.expiresAt > m.now && undo.account !== account);
