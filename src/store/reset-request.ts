/**
 * A password reset is requested. The rule for its links: when the mailbox has no valid link, anyone's request mails
 * one. When it has one, one more is mailed at most, and that makes neither of them void. So a stranger can neither
 * keep the owner from a link, nor cause more than two mails in the life of a link.
 */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../caller.ts';
import { lockAddress } from './address-lock.ts';
import { choose } from './constants.ts';
import { bytes, type Db, instant } from './db.ts';
import { event } from './events.ts';
import { isDeviceOf, type ShownDevice } from './logins.ts';
import { isFor, type RecipientKeys } from './mail-lanes.ts';
import { insertMail } from './outbox.ts';
import { column, run, statement } from './statement.ts';

/** `id` is also the id of the mail that carries the link. */
export type NewReset = {
  id: string;
  email: string;
  keyId: string;
  expiresAt: Date;
  recipientKeys: RecipientKeys;
  device: ShownDevice | undefined;
};

/**
 * Owes a link to the owner of the address, if one is due. The same rows are written in every case, also for an address
 * that nobody has and for a disabled account: a link (void, and of nobody), a mail and an event.
 */
export async function requestReset(db: Db, reset: NewReset, caller: Caller, now: Date): Promise<void> {
  const eventId = uuidv7();
  const requested = statement({
    parts: {
      person: sql`
        SELECT id, disabled_at IS NULL AS may_reset FROM users
        WHERE email = ${reset.email} AND email_verified_at IS NOT NULL FOR NO KEY UPDATE`,
      owner: sql`SELECT id FROM person WHERE may_reset`,
      live: liveLinks(reset.recipientKeys, now),
      lane: sql`
        SELECT owner.id, ${isDue(reset, caller)} AS is_due FROM (SELECT) one LEFT JOIN owner ON true`,
      link: sql`
        INSERT INTO password_reset_tokens (id, user_id, recipient_key, client, key_id, expires_at, created_at)
        SELECT ${reset.id}::uuid, CASE WHEN is_due THEN id END, ${bytes(reset.recipientKeys[0])},
          ${caller.client}::text, ${reset.keyId}, CASE WHEN is_due THEN ${instant(reset.expiresAt)} ELSE ${instant(now)} END,
          ${instant(now)}
        FROM lane`,
      mail: insertMail(
        {
          id: reset.id,
          kind: 'reset_password',
          userId: sql`id`,
          recipient: sql`CASE WHEN id IS NOT NULL THEN ${reset.email} END`,
          recipientKey: bytes(reset.recipientKeys[0]),
          eventId,
          at: now,
          skipped: choose(sql`id IS NULL`, 'no_account', choose(sql`is_due`, null, 'budget')),
        },
        sql`FROM lane`,
      ),
      event: event(
        {
          id: eventId,
          kind: 'reset.requested',
          caller,
          at: now,
          userId: sql`person.id`,
          reason: choose(
            sql`person.id IS NULL`,
            'unknown_address',
            choose(sql`NOT may_reset`, 'account_disabled', choose(sql`is_due`, null, 'mail_budget')),
          ),
        },
        sql`FROM lane LEFT JOIN person ON true`,
      ),
    },
    select: sql`SELECT is_due AS "isDue" FROM lane`,
    row: { isDue: column.boolean },
  });
  await run(db, requested, { caller, locks: [lockAddress(reset.email)] });
}

/**
 * The valid links of the `owner`, except those whose mail was given up. Without an owner: the links that were made for
 * nobody.
 */
const liveLinks = (keys: RecipientKeys, now: Date): SQL => sql`
  SELECT t.client FROM password_reset_tokens t LEFT JOIN owner ON true
  WHERE ${isFor(keys, 't')} AND t.user_id IS NOT DISTINCT FROM owner.id
    AND t.used_at IS NULL AND t.expires_at > ${instant(now)}
    AND NOT EXISTS (SELECT FROM email_outbox o
      WHERE o.id = t.id AND o.user_id IS NOT NULL AND o.status IN ('failed', 'skipped'))`;

/**
 * A condition: a link is due. Either there is none, or there is one and the request comes from another network than
 * the one before, or from a known device. A device token alone proves nothing, since anyone has one of an account of
 * their own.
 */
const isDue = ({ email, device }: NewReset, { client }: Caller): SQL => sql`
  ((SELECT count(*) FROM live) = 0 OR (SELECT count(*) FROM live) = 1
    AND (EXISTS (SELECT FROM live WHERE client IS DISTINCT FROM ${client}::text) OR ${isDeviceOf(email, device)}))`;
