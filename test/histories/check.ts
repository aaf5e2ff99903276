/**
 * Compares what the rules expect with what is there: the answers, the accounts, the live sessions, the mail. Where two
 * requests were sent at once, or it is not yet known what happened, several models are possible: those that fit stay.
 */
import { sql } from 'drizzle-orm';
import { deliver } from '../../src/jobs/deliver.ts';
import { codeIn, linkTokenIn } from './client.ts';
import { isStale, isSuppressed } from './mail-rules.ts';
import type { Mail } from './mailed.ts';
import { type Account, isLive, isOpen, type Model, SECOND } from './model.ts';
import type { Letter, World } from './world.ts';
import { modelId } from './world.ts';

type Person = {
  id: string;
  email: string;
  hasPassword: boolean;
  isClosed: boolean;
  isDisabled: boolean;
  hasApp: boolean;
  /** Null: there are none. */
  usedCodes: number | null;
};
type MailRow = {
  id: string;
  kind: string;
  to: string;
  about: string | null;
  network: string | null;
  /** For the notice of a change of address: that change waits. */
  isWaiting: boolean;
  wasSent: boolean;
};
export type Truth = { people: Person[]; sessions: string[]; mails: MailRow[]; suppressions: string[] };

/** Reads the state, and delivers the mail that is owed, unless mail is stopped. */
export async function readTruth(world: World): Promise<Truth> {
  const truth = await read(world);
  const ids = truth.mails.map(({ id }) => id);
  if (world.isMailStopped || ids.length === 0) return truth;
  // Twice at once, as a queue may deliver twice, and again when the next attempt is due.
  await Promise.all([deliver(world.jobs, ids), ...(world.isMailFaltering ? [deliver(world.jobs, ids)] : [])]);
  const then = new Date(world.clock.now().getTime() + 20 * SECOND);
  if (world.isMailFaltering) await deliver({ ...world.jobs, now: () => then }, ids);
  // Mail that is neither sent nor skipped is still owed, and is checked after the next step.
  const mails = truth.mails.map((mail) => ({ ...mail, wasSent: world.provider.has(mail.id) }));
  return { ...truth, mails };
}

async function read({ jobs, addresses, clock }: World): Promise<Truth> {
  const now = sql`${clock.now().toISOString()}::timestamptz`;
  const mine = sql`ANY(${sql.param(addresses)}::text[])`;
  const [row] = await jobs.db.execute(sql`
    SELECT json_build_object(
      'people', (SELECT coalesce(json_agg(json_build_object('id', id, 'email', email,
          'hasPassword', password_hash IS NOT NULL, 'isClosed', disabled_at IS NOT NULL,
          'isDisabled', disabled_by IS NOT NULL,
          'hasApp', EXISTS (SELECT FROM totp_factors f WHERE f.user_id = users.id),
          'usedCodes', (SELECT bit_count(used::bit(32)) FROM recovery_codes f WHERE f.user_id = users.id))), '[]')
        FROM users WHERE email = ${mine} AND email_verified_at IS NOT NULL),
      'sessions', (SELECT coalesce(json_agg(s.id), '[]') FROM user_sessions s JOIN users u ON u.id = s.user_id
        WHERE u.email = ${mine} AND s.revoked_at IS NULL AND s.expires_at > ${now} AND s.idle_expires_at > ${now}),
      'mails', (SELECT coalesce(json_agg(json_build_object('id', o.id, 'kind', o.kind, 'to', o.recipient,
          'about', o.user_id, 'network', r.client, 'isWaiting', t.id IS NOT NULL, 'wasSent', false) ORDER BY o.id), '[]')
        FROM email_outbox o LEFT JOIN password_reset_tokens r ON r.id = o.id
        LEFT JOIN verification_tokens t ON t.id = o.id AND t.used_at IS NULL
        WHERE o.status IN ('pending', 'sending') AND o.recipient = ${mine}),
      'suppressions', (SELECT coalesce(json_agg(address || ' ' || reason), '[]')
        FROM mail_suppressions WHERE address = ${mine})
    ) AS truth`);
  if (row === undefined) throw new Error('the database has returned nothing');
  return row.truth as Truth;
}

/** The differences between the model and the state; none when it fits. */
export function differences(world: World, m: Model, truth: Truth): string[] {
  const people = truth.people.map((person) => described({ ...person, id: modelId(world, person.id) }));
  const accounts = m.accounts.map(asPerson).map(described);
  const live = m.sessions.filter((session) => isLive(m, session)).map(({ id }) => id);
  const owed = m.mails.filter(({ fate }) => fate === 'owed').map(({ kind, to }) => `${kind} to ${to}`);
  return [
    ...difference('account', accounts, people),
    ...difference(
      'live session',
      live,
      truth.sessions.map((id) => modelId(world, id) ?? `unknown ${id}`),
    ),
    ...difference(
      'mail',
      owed,
      truth.mails.map(({ kind, to }) => `${kind} to ${to}`),
    ),
    ...difference(
      'suppression',
      Object.entries(m.suppressions).map(([address, reason]) => `${address} ${reason}`),
      truth.suppressions,
    ),
    ...m.alarms.filter((id) => !world.tampered.has(id)).map((id) => `a right client is logged out: ${id}`),
  ];
}

const described = ({ id, email, ...about }: Omit<Person, 'id'> & { id: string | undefined }) =>
  `${id} ${email} ${about.hasPassword} ${about.isClosed} ${about.isDisabled} ${about.hasApp} ${about.usedCodes}`;

const asPerson = (account: Account): Person => ({
  id: account.id,
  email: account.email,
  hasPassword: account.password !== null,
  isClosed: !isOpen(account),
  isDisabled: account.isDisabled,
  hasApp: account.app !== null,
  usedCodes: account.recovery ? account.recovery.used.length : null,
});

function difference(what: string, expected: string[], found: string[]): string[] {
  const missing = [...expected];
  const extra = found.filter((one) => {
    const index = missing.indexOf(one);
    if (index !== -1) missing.splice(index, 1);
    return index === -1;
  });
  return [
    ...missing.map((one) => `${what} missing: ${one}`),
    ...extra.map((one) => `${what} not expected: ${one}`),
  ];
}

/**
 * The models in which each mail was sent or is stale, as it really happened; sent mails go into their mailboxes. None when a
 * stale mail was sent, or a mail that is not stale was skipped.
 */
export function settleMails(
  world: World,
  models: Model[],
  truth: Truth,
  networkOf: (client: string) => string,
): Model[] {
  if (world.isMailStopped) return models;
  const fits = (m: Model, mail: Mail, row: MailRow) =>
    mail.kind === row.kind &&
    mail.to === row.to &&
    row.wasSent === !(isStale(m, mail) || isSuppressed(m, mail)) &&
    (mail.kind !== 'verify_email' || !row.wasSent || world.ids.get(mail.about) === row.about) &&
    (mail.kind !== 'reset_password' ||
      row.network === null ||
      networkOf(row.network) === networkOfLink(m, mail)) &&
    (mail.kind !== 'change_email_notice' ||
      row.isWaiting === m.changes.some((c) => c.id === mail.about && !c.isUsed));
  for (const first of models) {
    const open = first.mails.filter(({ fate }) => fate === 'owed');
    const pairs = truth.mails.map((row) => {
      const index = open.findIndex((mail) => fits(first, mail, row));
      return { row, mail: index === -1 ? undefined : open.splice(index, 1)[0] };
    });
    if (pairs.some(({ mail }) => mail === undefined)) continue;
    const agreeing = models.filter((m) =>
      pairs.every(({ row, mail }) => m.mails.some((own) => own.id === mail?.id && fits(m, own, row))),
    );
    for (const { row, mail } of pairs) {
      if (mail === undefined) continue;
      const fate = row.wasSent ? 'sent' : 'skipped';
      for (const m of agreeing)
        for (const own of m.mails) if (own.id === mail.id) Object.assign(own, { fate, settledAt: m.now });
      if (row.wasSent) world.letters.push(letterOf(world, mail, row.id));
    }
    return agreeing;
  }
  return [];
}

const networkOfLink = (m: Model, { about }: Mail) => m.links.find(({ id }) => id === about)?.network;

function letterOf(world: World, { id: mail, kind, to, about }: Mail, rowId: string): Letter {
  const given = world.provider.get(rowId);
  if (given?.to !== to) throw new Error(`${mail} was mailed to ${given?.to}`);
  if (!given.isSame) throw new Error(`${mail} was given to the provider twice, in other words`);
  return { mail, row: rowId, kind, to, about, code: codeIn(given.text), token: linkTokenIn(given.text) };
}
