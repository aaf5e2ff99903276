/** One person as an operator sees them: everything that support needs, and nothing that a secret is checked against. */
import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import { later } from '../lib/time.ts';
import { type Acting, actingCaller, recordAct } from './admin-act.ts';
import { type Db, instant } from './db.ts';
import { lastUse } from './last-use.ts';
import { isLive } from './live-session.ts';
import { foundPerson, stateOf } from './people.ts';
import { column, run, statement } from './statement.ts';

/** Looks are recorded once an hour for each operator, so that reading a page again does not fill the history. */
const LOOK_SECONDS = 3_600;
/** How many events, and how many mails. */
const LISTED = 50;

const instants = column.instant.nullable();
const text = column.text.nullable();

const page = {
  account: z.object({
    ...foundPerson,
    externalId: text,
    locale: column.text,
    emailVerifiedAt: instants,
    passwordChangedAt: column.instant,
    disabledAt: instants,
    disabledBy: text,
    deletionDueAt: instants,
    /** Why the address is not mailed. */
    suppression: text,
  }),
  factors: z.object({
    authenticatorSince: instants,
    recoveryCodesUsed: column.integer.nullable(),
    removalDueAt: instants,
    passkeys: z.array(z.object({ name: column.text, createdAt: column.instant, lastUsedAt: instants })),
  }),
  counters: z.array(
    z.object({
      failures: column.integer,
      inARow: column.integer,
      lockedUntil: instants,
      /** Too many failures in a row: only a reset or an operator helps. */
      isSwitchedOff: column.boolean,
    }),
  ),
  sessions: z.array(
    z.object({
      id: column.uuid,
      client: text,
      userAgent: text,
      place: text,
      createdAt: column.instant,
      lastUsedAt: column.instant,
      expiresAt: column.instant,
    }),
  ),
  history: z.array(
    z.object({
      id: column.uuid,
      at: column.instant,
      kind: column.text,
      /** The reason that the program gives. */
      reason: text,
      client: text,
      userAgent: text,
      /** Who acted as an operator, how they came in, and the reason that they gave. */
      operator: text,
      door: text,
      note: text,
    }),
  ),
  mails: z.array(
    z.object({
      id: column.uuid,
      kind: column.text,
      status: column.text,
      failure: text,
      report: text,
      to: text,
      createdAt: column.instant,
      finishedAt: instants,
    }),
  ),
};

export type PersonPage = z.output<z.ZodObject<typeof page>>;

/** Newest first. Undefined when nobody is there. The look is recorded as an event. */
export async function showPerson(
  db: Db,
  userId: string,
  acting: Acting,
  now: Date,
): Promise<PersonPage | undefined> {
  const shown = statement({
    parts: {
      person: sql`
        SELECT u.id, u.email, u.name, ${stateOf} AS state, u.created_at AS "createdAt", u.external_id AS "externalId",
          u.locale, u.email_verified_at AS "emailVerifiedAt", u.password_changed_at AS "passwordChangedAt",
          u.disabled_at AS "disabledAt", u.disabled_by AS "disabledBy", u.deletion_due_at AS "deletionDueAt",
          s.reason AS suppression
        FROM users u LEFT JOIN mail_suppressions s ON s.address = u.email WHERE u.id = ${userId}::uuid`,
      ...recordAct(acting, 'admin.viewed', now, {
        from: sql`FROM person WHERE NOT ${hasLooked(userId, acting, now)}`,
      }),
    },
    select: sql`
      SELECT to_jsonb(person) AS account, ${factorsOf(userId)} AS factors, ${countersOf(userId)} AS counters,
        ${sessionsOf(userId, now)} AS sessions, ${eventsOf(userId)} AS history, ${mailsOf(userId)} AS mails
      FROM person`,
    row: page,
  });
  const [row] = await run(db, shown, { caller: actingCaller(acting) });
  return row;
}

const hasLooked = (userId: string, { operator }: Acting, now: Date): SQL => sql`
  EXISTS (SELECT FROM security_events e JOIN admin_acts a ON a.event_id = e.id
    WHERE e.user_id = ${userId}::uuid AND e.kind = 'admin.viewed' AND a.operator = ${operator}
      AND e.occurred_at > ${instant(later(now, -LOOK_SECONDS))})`;

/** A subquery as a JSON array of its rows, in its order. */
const rowsOf = (select: SQL): SQL =>
  sql`(SELECT COALESCE(jsonb_agg(to_jsonb(one)), '[]') FROM (${select}) one)`;

const factorsOf = (userId: string): SQL => sql`
  jsonb_build_object(
    'authenticatorSince', (SELECT created_at FROM totp_factors WHERE user_id = ${userId}::uuid),
    'recoveryCodesUsed', (SELECT bit_count(used::bit(32)) FROM recovery_codes WHERE user_id = ${userId}::uuid),
    'removalDueAt', (SELECT due_at FROM factor_removals WHERE user_id = ${userId}::uuid),
    'passkeys', ${rowsOf(sql`
      SELECT name, created_at AS "createdAt", last_used_at AS "lastUsedAt" FROM passkeys
      WHERE user_id = ${userId}::uuid ORDER BY created_at`)})`;

const countersOf = (userId: string): SQL =>
  rowsOf(sql`
    SELECT failures, in_a_row AS "inARow", locked_until AS "lockedUntil", expires_at = 'infinity' AS "isSwitchedOff"
    FROM failed_login_attempts WHERE user_id = ${userId}::uuid ORDER BY in_a_row DESC LIMIT ${LISTED}`);

const sessionsOf = (userId: string, now: Date): SQL =>
  rowsOf(sql`
    SELECT id, client, user_agent AS "userAgent", place, created_at AS "createdAt",
      ${lastUse('o', now)} AS "lastUsedAt", expires_at AS "expiresAt"
    FROM user_sessions o WHERE user_id = ${userId}::uuid AND ${isLive('o', now)} ORDER BY created_at DESC`);

const eventsOf = (userId: string): SQL =>
  rowsOf(sql`
    SELECT e.id, e.occurred_at AS at, e.kind, e.reason, e.client, e.user_agent AS "userAgent", a.operator, a.door,
      a.reason AS note
    FROM security_events e LEFT JOIN admin_acts a ON a.event_id = e.id
    WHERE e.user_id = ${userId}::uuid ORDER BY e.id DESC LIMIT ${LISTED}`);

const mailsOf = (userId: string): SQL =>
  rowsOf(sql`
    SELECT id, kind, status, failure, report, recipient AS "to", created_at AS "createdAt",
      finished_at AS "finishedAt"
    FROM email_outbox WHERE user_id = ${userId}::uuid ORDER BY id DESC LIMIT ${LISTED}`);
