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
    passwordHash: text('password_hash').notNull(),
    /** The version of the password: a session is only opened for the version that was checked. */
    passwordChangedAt: instant('password_changed_at').notNull(),
    emailVerifiedAt: instant('email_verified_at'),
    pendingExpiresAt: instant('pending_expires_at'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('users_email_key').on(table.email).where(sql`email_verified_at IS NOT NULL`),
    index('users_pending_email_idx').on(table.email, table.createdAt).where(sql`email_verified_at IS NULL`),
    index('users_pending_expires_at_idx').on(table.pendingExpiresAt).where(sql`email_verified_at IS NULL`),
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
    rotatedAt: instant('rotated_at'),
    lastUsedAt: instant('last_used_at').notNull(),
    idleExpiresAt: instant('idle_expires_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'),
    revokedReason: text('revoked_reason', { enum: ['logout', 'refresh_token_reused'] }),
    client: text('client'),
    userAgent: text('user_agent'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('user_sessions_user_id_idx').on(table.userId),
    index('user_sessions_expires_at_idx').on(table.expiresAt),
  ],
);

/** The proof an address waits for. Code and link are derived from ids and a key; neither is stored. */
export const verificationTokens = pgTable(
  'verification_tokens',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    purpose: text('purpose', { enum: ['verify_email'] }).notNull(),
    /** The outbox row whose code counts: a newer mail makes the codes of older ones worthless. */
    mailId: uuid('mail_id').notNull(),
    /** The id of the mail key that code and link are derived with. */
    keyId: text('key_id').notNull(),
    /** Keyed MAC of sign-up and code, so that one statement counts the try and judges it. */
    codeMac: bytea('code_mac').notNull(),
    codeExpiresAt: instant('code_expires_at').notNull(),
    tries: smallint('tries').notNull().default(0),
    resends: smallint('resends').notNull().default(0),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('verification_tokens_user_id_purpose_key').on(table.userId, table.purpose),
    index('verification_tokens_expires_at_idx').on(table.expiresAt),
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
    /** The account, where there is one: a reset clears its counters, and its deletion takes them along. */
    userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
    /** In the window, and since the last success. */
    failures: integer('failures').notNull(),
    inARow: integer('in_a_row').notNull(),
    windowEndsAt: instant('window_ends_at').notNull(),
    lockedUntil: instant('locked_until'),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [
    index('failed_login_attempts_user_id_idx').on(table.userId).where(sql`user_id IS NOT NULL`),
    index('failed_login_attempts_expires_at_idx').on(table.expiresAt),
  ],
);

/** Append-only. A person who is deleted leaves the row without an identity. */
export const securityEvents = pgTable(
  'security_events',
  {
    id: uuid('id').primaryKey(),
    kind: text('kind').notNull(),
    userId: uuid('user_id').references(() => users.id, { onDelete: 'set null' }),
    sessionId: uuid('session_id'),
    reason: text('reason'),
    client: text('client'),
    userAgent: text('user_agent'),
    requestId: text('request_id'),
    occurredAt: instant('occurred_at').notNull(),
  },
  (table) => [
    index('security_events_user_id_idx').on(table.userId, table.id),
    index('security_events_occurred_at_idx').on(table.occurredAt),
  ],
);

/** Mail that is owed. The row is written by the statement that causes the mail; it holds ids, never words. */
export const emailOutbox = pgTable(
  'email_outbox',
  {
    id: uuid('id').primaryKey(),
    kind: text('kind', {
      enum: ['verify_email', 'already_registered', 'refresh_token_reused', 'password_disabled'],
    }).notNull(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** What a notice is about: when, from where. */
    eventId: uuid('event_id').references(() => securityEvents.id, { onDelete: 'set null' }),
    status: text('status', { enum: ['pending', 'sending', 'sent', 'skipped', 'failed'] })
      .notNull()
      .default('pending'),
    attempts: smallint('attempts').notNull().default(0),
    claimedAt: instant('claimed_at'),
    finishedAt: instant('finished_at'),
    providerId: text('provider_id'),
    failure: text('failure'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('email_outbox_user_id_idx').on(table.userId),
    index('email_outbox_event_id_idx').on(table.eventId).where(sql`event_id IS NOT NULL`),
    index('email_outbox_due_idx').on(table.createdAt).where(sql`status IN ('pending', 'sending')`),
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
