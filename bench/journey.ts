/** One call of every endpoint, in an order in which each usually gets a 200. */
import { randomUUID } from 'node:crypto';
import type { ApiConfig } from '../src/config/read.ts';
import type { Key } from '../src/lib/key-ring.ts';
import { deriveCode, encodeLinkToken } from '../src/mail/proof.ts';
import { asBearer, login, logout, me, post, refresh, sessions } from './asks.ts';
import { guarded } from './journey-factors.ts';
import { keyed, noPasskey, type Passkey } from './journey-passkeys.ts';
import type { Ask } from './load.ts';
import { PASSWORD } from './people.ts';
import type { Database } from './stores.ts';

/** A person on the journey, and what they have received so far. */
export type Walker = {
  email: string;
  password: string;
  id: string;
  accessToken: string;
  refreshToken: string;
  deviceToken?: string;
  /** The session of an earlier login. */
  otherSession: string;
  /** A code or link that was mailed. */
  mailed: string;
  /** Of an authenticator app, and the ticket of the step before. */
  app: { secret: string; ticket: string };
  recoveryCodes: string[];
  passkey: Passkey;
};

export type Step = {
  /** The endpoint's name in the API. */
  name: string;
  /** How often each person makes the call: more often where it is cheap and changes nothing. */
  times?: number;
  /** Only this half of the people does it: an account with a new address is not deleted at once. */
  half?: 'moving' | 'staying';
  prepare?: (who: Walker) => Promise<void>;
  ask: (who: Walker) => Ask;
  /** Stores the parts of the answer that later steps need. */
  keep?: (who: Walker, data: never) => void;
};

export const newcomer = (): Walker => ({
  email: `${randomUUID()}@gatehouse.dev`,
  password: PASSWORD,
  id: '',
  accessToken: '',
  refreshToken: '',
  otherSession: '',
  mailed: '',
  app: { secret: '', ticket: '' },
  recoveryCodes: [],
  passkey: noPasskey(),
});

type Given = Pick<Walker, 'accessToken' | 'refreshToken'>;
type Listed = { sessions: { id: string; current: boolean }[] };

const NEW_PASSWORD = 'another long and quiet river';
const MANY = 8;

const keepTokens = (who: Walker, given: Given) => void Object.assign(who, given);
const signIn: Step = { name: 'POST /login', ask: login, keep: keepTokens };
const askToMove: Step = {
  name: 'POST /change-email',
  ask: (who) =>
    asBearer(who, 'POST', '/change-email', { newEmail: `new-${who.email}`, currentPassword: who.password }),
};

export const journey = (database: Database, config: ApiConfig): Step[] => {
  const mail = mailbox(database, config.mailSecrets[0]);
  return [...arriving(mail), ...staying, ...guarded(database, config), ...keyed(config), ...changing(mail)];
};

const arriving = (mail: Mailbox): Step[] => [
  {
    name: 'POST /signup',
    ask: ({ email, password }) => post('/signup', { name: 'Ada', email, password }),
    keep: (who, { id }: { id: string }) => {
      who.id = id;
    },
  },
  { name: 'POST /verify-email/resend', ask: ({ id }) => post('/verify-email/resend', { id }) },
  {
    name: 'POST /verify-email',
    prepare: mail.code('verify-email'),
    ask: ({ id, mailed }) => post('/verify-email', { id, code: mailed }),
  },
  { name: 'POST /forgot-password', ask: ({ email }) => post('/forgot-password', { email }) },
  {
    name: 'POST /reset-password',
    prepare: mail.resetLink,
    ask: ({ mailed, password }) => post('/reset-password', { token: mailed, newPassword: password }),
  },
  signIn,
  { name: 'POST /logout', ask: logout },
  signIn,
  signIn,
];

const staying: Step[] = [
  {
    name: 'GET /sessions',
    times: MANY,
    ask: sessions,
    keep: (who, listed: Listed) => {
      who.otherSession = listed.sessions.find(({ current }) => !current)?.id ?? '';
    },
  },
  { name: 'DELETE /sessions/:id', ask: (who) => asBearer(who, 'DELETE', `/sessions/${who.otherSession}`) },
  { name: 'DELETE /sessions', times: MANY, ask: (who) => asBearer(who, 'DELETE', '/sessions') },
  { name: 'GET /me', times: MANY, ask: me },
  { name: 'PATCH /me', times: MANY, ask: (who) => asBearer(who, 'PATCH', '/me', { name: 'Eve' }) },
  { name: 'GET /me/export', times: MANY, ask: (who) => asBearer(who, 'GET', '/me/export') },
  { name: 'GET /events', times: MANY, ask: (who) => asBearer(who, 'GET', '/events') },
  ...Array.from({ length: MANY }, () => ({ name: 'POST /refresh', ask: refresh, keep: keepTokens })),
];

const changing = (mail: Mailbox): Step[] => [
  {
    name: 'POST /change-password',
    ask: (who) => {
      const passwords = { currentPassword: who.password, newPassword: NEW_PASSWORD };
      return asBearer(who, 'POST', '/change-password', passwords);
    },
    keep: (who, given: Given) => Object.assign(who, given, { password: NEW_PASSWORD }),
  },
  askToMove,
  {
    name: 'POST /change-email/cancel',
    prepare: mail.cancelLink,
    ask: ({ mailed }) => post('/change-email/cancel', { token: mailed }),
  },
  { ...askToMove, half: 'moving' },
  {
    name: 'POST /change-email/confirm',
    half: 'moving',
    prepare: mail.code('change-email'),
    ask: (who) => asBearer(who, 'POST', '/change-email/confirm', { code: who.mailed }),
  },
  {
    name: 'DELETE /me',
    half: 'staying',
    ask: (who) => asBearer(who, 'DELETE', '/me', { password: who.password }),
  },
];

type Mailbox = ReturnType<typeof mailbox>;

/** The mailed secrets, derived as the jobs Worker derives them. */
function mailbox({ query }: Database, key: Key) {
  const idsIn = async (text: string, { id }: Walker) => (await query(text, [id])).rows[0];
  return {
    code: (purpose: 'verify-email' | 'change-email') => async (who: Walker) => {
      const { mail_id: mailId } = await idsIn(
        `SELECT mail_id FROM verification_tokens WHERE user_id = $1 AND purpose = '${purpose.replace('-', '_')}'`,
        who,
      );
      who.mailed = deriveCode(key, purpose, who.id, mailId);
    },
    async resetLink(who: Walker) {
      const { id } = await idsIn('SELECT id FROM password_reset_tokens WHERE user_id = $1', who);
      who.mailed = encodeLinkToken(key, 'reset-password', id);
    },
    async cancelLink(who: Walker) {
      const { id } = await idsIn(
        `SELECT id FROM verification_tokens WHERE user_id = $1 AND purpose = 'change_email'`,
        who,
      );
      who.mailed = encodeLinkToken(key, 'cancel-email-change', id);
    },
  };
}
