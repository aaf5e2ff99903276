/**
 * The data model on one page. What is stored, and what a stolen copy of it gives away, is docs/data.md.
 * Ids are UUIDv7 made by the application, so that one statement can write rows that refer to each other.
 */
import { sql } from 'drizzle-orm';
import {
  check,
  customType,
  index,
  integer,
  pgTable,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { transports } from '../caller.ts';
import { type EventReason, eventKinds } from '../event-kinds.ts';
import { mailKinds } from './mail-kinds.ts';
import { mailStates, sessionEndings } from './states.ts';

const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });
const instant = (name: string) => timestamp(name, { withTimezone: true });

/**
 * A row without `email_verified_at` is a sign-up: it owns nothing, expires, and may stand beside others for the
 * same address. The unique index is what makes one of them the account.
 */
export const users = pgTable(
  'users',
  {
    id: uuid('id').primaryKey(),
    email: text('email').notNull(),
    name: text('name').notNull(),
    /** Null: no password opens the account until one is set, by a reset for example. */
    passwordHash: text('password_hash'),
    /** The version of the password: a session is only opened for the version that was checked. */
    passwordChangedAt: instant('password_changed_at').notNull(),
    /** Counts what changed about the second factors: what was trusted before a change is trusted no more. */
    mfaEpoch: integer('mfa_epoch').notNull().default(0),
    /** The id of the person in the system they came from. */
    externalId: text('external_id'),
    emailVerifiedAt: instant('email_verified_at'),
    pendingExpiresAt: instant('pending_expires_at'),
    /** Since when the account opens for nobody. */
    disabledAt: instant('disabled_at'),
    /** When a deletion that waits, because the address can still be taken back, is carried out. */
    deletionDueAt: instant('deletion_due_at'),
    /** The language asked for at sign-up (BCP 47); mail falls back to English. */
    locale: text('locale').notNull().default('en'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('users_email_key').on(table.email).where(sql`email_verified_at IS NOT NULL`),
    index('users_pending_email_idx').on(table.email, table.createdAt).where(sql`email_verified_at IS NULL`),
    index('users_pending_expires_at_idx').on(table.pendingExpiresAt).where(sql`email_verified_at IS NULL`),
    uniqueIndex('users_external_id_key').on(table.externalId).where(sql`external_id IS NOT NULL`),
    index('users_deletion_due_at_idx').on(table.deletionDueAt).where(sql`deletion_due_at IS NOT NULL`),
    check('users_pending_or_verified', sql`(email_verified_at IS NULL) = (pending_expires_at IS NOT NULL)`),
  ],
);

/** One row a device. A refresh token names its generation; rotation is a compare-and-swap on it. */
export const userSessions = pgTable(
  'user_sessions',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** SHA-256 of the 256-bit secret that every refresh token of this session carries. */
    secretHash: bytea('secret_hash').notNull(),
    generation: integer('generation').notNull().default(0),
    /** Which generation was exchanged for the live one: normally the one before it, or one older when an answer was lost. */
    exchangedGeneration: integer('exchanged_generation'),
    rotatedAt: instant('rotated_at'),
    /** The device that logged in, by its device token (guard/device.ts). */
    deviceId: uuid('device_id'),
    lastUsedAt: instant('last_used_at').notNull(),
    /** The last use before the five minutes that `last_used_at` lies in: shown until these are over (last-use.ts). */
    usedBeforeAt: instant('used_before_at'),
    /** Refreshes in the minute that ends at `refresh_window_ends_at`. */
    refreshes: integer('refreshes').notNull().default(0),
    refreshWindowEndsAt: instant('refresh_window_ends_at'),
    /** How the person proved who they are, as `amr` of the access tokens says it (RFC 8176). */
    amr: text('amr').array().notNull().default(sql`'{pwd}'`),
    /** The version of the password that it set: by it, the same request sent twice is answered twice. */
    passwordChangedAt: instant('password_changed_at'),
    idleExpiresAt: instant('idle_expires_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'),
    revokedReason: text('revoked_reason', { enum: sessionEndings }),
    /** How its refresh token travels; a session never changes it. */
    transport: text('transport', { enum: transports }).notNull().default('body'),
    client: text('client'),
    userAgent: text('user_agent'),
    /** City and country of the login, as far as Cloudflare tells. */
    place: text('place'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    /** For what goes with a person; those that ended are among them until they expire. */
    index('user_sessions_user_id_idx').on(table.userId),
    /** What a request asks for by person: a few, however many have ended. */
    index('user_sessions_not_ended_idx').on(table.userId).where(sql`revoked_at IS NULL`),
    index('user_sessions_expires_at_idx').on(table.expiresAt),
  ],
);

/**
 * Sessions that ended before their time, for services that only verify tokens (session/revoked-sessions.ts). Written by a
 * trigger of the owner whenever a session is revoked or deleted, so by every statement that ends one and with no right of
 * any Worker. Without a foreign key: it stays when the person goes, and says nothing of whose it was.
 */
export const revokedSessions = pgTable(
  'revoked_sessions',
  {
    /** The first 12 bytes of SHA-256 of the session's id, as text. */
    digest: bytea('digest').primaryKey(),
    revokedAt: instant('revoked_at').notNull(),
  },
  (table) => [index('revoked_sessions_revoked_at_idx').on(table.revokedAt)],
);

/** The proof an address waits for. Code and link are derived from ids and a key; neither is stored. */
export const verificationTokens = pgTable(
  'verification_tokens',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    purpose: text('purpose', { enum: ['verify_email', 'change_email'] }).notNull(),
    /** The address that a change of address waits for; a sign-up has its own in `users`. */
    email: text('email'),
    /** The record that a changed address brings with it: a password's salt is that of its address. */
    passwordHash: text('password_hash'),
    /** MAC of the address that is to be proven, without a `+tag`: what its mails count against (mail-lanes.ts). */
    recipientKey: bytea('recipient_key').notNull(),
    /** The outbox row whose code counts: a newer mail makes the codes of older ones worthless. */
    mailId: uuid('mail_id').notNull(),
    /** The id of the mail key that code and link are derived with. */
    keyId: text('key_id').notNull(),
    /** Keyed MAC of sign-up and code, so that one statement counts the try and judges it. */
    codeMac: bytea('code_mac').notNull(),
    codeExpiresAt: instant('code_expires_at').notNull(),
    tries: smallint('tries').notNull().default(0),
    /** Of the password that goes with the link, in their own count: who signed up cannot use those of the mailbox up. */
    linkTries: smallint('link_tries').notNull().default(0),
    resends: smallint('resends').notNull().default(0),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('verification_tokens_user_id_purpose_key').on(table.userId, table.purpose),
    index('verification_tokens_expires_at_idx').on(table.expiresAt),
    index('verification_tokens_email_idx').on(table.email).where(sql`email IS NOT NULL`),
    check(
      'verification_tokens_change',
      sql`(purpose = 'change_email') = (email IS NOT NULL AND password_hash IS NOT NULL)`,
    ),
  ],
);

/** Links that set a new password. The first one that is used voids the others of the person. */
export const passwordResetTokens = pgTable(
  'password_reset_tokens',
  {
    /** Also the id of the mail that carries the link. */
    id: uuid('id').primaryKey(),
    /** Null: a decoy, for an address that has no account. */
    userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
    /** MAC of the address it was asked for. */
    recipientKey: bytea('recipient_key').notNull(),
    /** The network that asked for it. */
    client: text('client'),
    /** The id of the mail key that the link is derived with. */
    keyId: text('key_id').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
    /** The version of the password that it set: by it, the same request sent twice is answered twice. */
    passwordChangedAt: instant('password_changed_at'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('password_reset_tokens_user_id_idx').on(table.userId),
    index('password_reset_tokens_recipient_key_idx').on(table.recipientKey, table.createdAt),
    index('password_reset_tokens_expires_at_idx').on(table.expiresAt),
  ],
);

/**
 * A change of address that can be taken back from the old mailbox, which stays reserved until then. The id is that of
 * the notice of the request: its link cancels the change while it waits, and takes it back afterwards.
 */
export const emailChangeUndos = pgTable(
  'email_change_undos',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** The mail about the change, which carries the link again. */
    mailId: uuid('mail_id').notNull(),
    /** The address that is restored. */
    email: text('email').notNull(),
    expiresAt: instant('expires_at').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('email_change_undos_user_id_idx').on(table.userId),
    index('email_change_undos_mail_id_idx').on(table.mailId),
    index('email_change_undos_email_idx').on(table.email),
    index('email_change_undos_expires_at_idx').on(table.expiresAt),
  ],
);

/**
 * Tries of a password, counted before they are judged. The key is a MAC of the address and what the counter is for,
 * so that an address without an account leaves the same row.
 */
export const failedLoginAttempts = pgTable(
  'failed_login_attempts',
  {
    key: bytea('key').primaryKey(),
    /** A MAC of whose counter it is, an address or a person with a session: what a reset and a deletion clear by. */
    ownerKey: bytea('owner_key').notNull(),
    /** In the window, and since the last success. */
    failures: integer('failures').notNull(),
    inARow: integer('in_a_row').notNull(),
    windowEndsAt: instant('window_ends_at').notNull(),
    lockedUntil: instant('locked_until'),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [
    index('failed_login_attempts_owner_key_idx').on(table.ownerKey),
    index('failed_login_attempts_expires_at_idx').on(table.expiresAt),
  ],
);

/**
 * Append-only: no role of a Worker may change a row. A person who is deleted leaves it without an identity, which a
 * trigger of the owner sees to (migrations/0001).
 */
export const securityEvents = pgTable(
  'security_events',
  {
    id: uuid('id').primaryKey(),
    kind: text('kind', { enum: eventKinds }).notNull(),
    userId: uuid('user_id').references(() => users.id, { onDelete: 'set null' }),
    sessionId: uuid('session_id'),
    reason: text('reason').$type<EventReason>(),
    client: text('client'),
    userAgent: text('user_agent'),
    requestId: text('request_id'),
    occurredAt: instant('occurred_at').notNull(),
  },
  (table) => [
    index('security_events_user_id_idx').on(table.userId, table.id),
    /** What a login looks back at, however many refused tries lie between. */
    index('security_events_logins_idx')
      .on(table.userId, table.id)
      .where(sql`kind IN ('login.success', 'login.failed', 'reset.completed')`),
    index('security_events_occurred_at_idx').on(table.occurredAt),
  ],
);

/** Mail that is owed. The row is written by the statement that causes the mail; it holds ids, never words. */
export const emailOutbox = pgTable(
  'email_outbox',
  {
    id: uuid('id').primaryKey(),
    kind: text('kind', { enum: mailKinds }).notNull(),
    /** Absent when the person is gone, or never was. */
    userId: uuid('user_id').references(() => users.id, { onDelete: 'set null' }),
    /** Where to, from the first moment on: it never follows the person to another address. */
    recipient: text('recipient'),
    /** MAC of the address, on mail that strangers can cause: what its lane counts by. Notices have none. */
    recipientKey: bytea('recipient_key'),
    /** What a notice is about: when, from where. */
    eventId: uuid('event_id').references(() => securityEvents.id, { onDelete: 'set null' }),
    status: text('status', { enum: mailStates }).notNull().default('pending'),
    attempts: smallint('attempts').notNull().default(0),
    /** When it was first claimed: the provider may know the id since then as idempotency key, for a day. */
    claimedAt: instant('claimed_at'),
    /** Not to be claimed before: the end of a back-off or of a consumer's lease. Null: at once. */
    dueAt: instant('due_at'),
    /** When the sweep last rang the queue for it. */
    queuedAt: instant('queued_at'),
    finishedAt: instant('finished_at'),
    providerId: text('provider_id'),
    /** Why the last attempt failed, or why the mail was not sent: a status and a name, never words of the mail. */
    failure: text('failure'),
    /** What the provider reported later, through its webhook. */
    report: text('report', { enum: ['delivered', 'bounced', 'complained'] }),
    reportedAt: instant('reported_at'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('email_outbox_user_id_idx').on(table.userId),
    index('email_outbox_recipient_idx')
      .on(table.recipientKey, table.createdAt)
      .where(sql`recipient_key IS NOT NULL`),
    index('email_outbox_event_id_idx').on(table.eventId).where(sql`event_id IS NOT NULL`),
    index('email_outbox_due_idx')
      .on(sql`coalesce(due_at, created_at)`)
      .where(sql`status IN ('pending', 'sending')`),
    index('email_outbox_finished_at_idx').on(table.finishedAt).where(sql`finished_at IS NOT NULL`),
    check('email_outbox_addressee', sql`recipient IS NOT NULL OR status IN ('sent', 'skipped')`),
  ],
);

/** Counters while Redis is down: `name:seconds:window:key`, where the key is a client's network or a session id. */
export const rateLimitFallback = pgTable(
  'rate_limit_fallback',
  {
    key: text('key').primaryKey(),
    count: integer('count').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('rate_limit_fallback_expires_at_idx').on(table.expiresAt)],
);

/** Addresses that are not mailed any more: they do not exist, or their owner called our mail spam. */
export const mailSuppressions = pgTable(
  'mail_suppressions',
  {
    address: text('address').primaryKey(),
    reason: text('reason', { enum: ['bounced', 'complained'] }).notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('mail_suppressions_created_at_idx').on(table.createdAt)],
);
