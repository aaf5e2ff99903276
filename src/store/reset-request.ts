/**
 * A password reset is asked for. At any moment a live link is in the owner's mailbox, or asking mails one: while none is live one is
 * mailed to whoever asks, while one is live one more at most, and mailing it voids nothing. So no stranger can keep the
 * owner out or mail more than two in the life of a link.
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

/** The id is that of the mail that carries the link, too. */
export type NewReset = {
  id: string;
  email: string;
  keyId: string;
  expiresAt: Date;
  recipientKeys: RecipientKeys;
  device: ShownDevice | undefined;
};

/**
 * Owes the link to whoever has the address, if one is due. Whatever the answer is, for an address that nobody has and
 * for an account that is disabled too, the same rows are written: a link (a void one, of nobody), a mail, an event.
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

/** Links of the `owner` that still work and whose mail was not given up; without one, those that were made for nobody. */
const liveLinks = (keys: RecipientKeys, now: Date): SQL => sql`
  SELECT t.client FROM password_reset_tokens t LEFT JOIN owner ON true
  WHERE ${isFor(keys, 't')} AND t.user_id IS NOT DISTINCT FROM owner.id
    AND t.used_at IS NULL AND t.expires_at > ${instant(now)}
    AND NOT EXISTS (SELECT FROM email_outbox o
      WHERE o.id = t.id AND o.user_id IS NOT NULL AND o.status IN ('failed', 'skipped'))`;

/**
 * None is live; or one is, and who asks comes from another network than whoever asked for that one, or from a known
 * device. A device's token alone shows nothing: anyone has one, of an account of their own.
 */
const isDue = ({ email, device }: NewReset, { client }: Caller): SQL => sql`
  ((SELECT count(*) FROM live) = 0 OR (SELECT count(*) FROM live) = 1
    AND (EXISTS (SELECT FROM live WHERE client IS DISTINCT FROM ${client}::text) OR ${isDeviceOf(email, device)}))`;
