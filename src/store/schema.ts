/**
 * The data model on one page. docs/data.md says what is stored and what a stolen copy of it would reveal. Ids are
 * UUIDv7 and made by the application, so one statement can write rows that refer to each other.
 */
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
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
import { importRuns } from './import-schema.ts';
import { mailKinds } from './mail-kinds.ts';
import { adminDoors, mailStates, sessionEndings } from './states.ts';

const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });
const instant = (name: string) => timestamp(name, { withTimezone: true });

/**
 * A row without `email_verified_at` is a sign-up that waits for proof. It owns nothing, expires, and may stand beside
 * others for the same address. The unique index lets only one of them become the account.
 */
export const users = pgTable(
  'users',
  {
    id: uuid('id').primaryKey(),
    email: text('email').notNull(),
    name: text('name').notNull(),
    /** Null: no password opens the account until one is set, for example by a reset. */
    passwordHash: text('password_hash'),
    /** The version of the password. A session is only opened for the version that was checked. */
    passwordChangedAt: instant('password_changed_at').notNull(),
    /** Counts changes of the second factors. What was trusted before a change is not trusted after it. */
    mfaEpoch: integer('mfa_epoch').notNull().default(0),
    /**
     * Whether a login by password also needs one of the person's passkeys. With an authenticator app a second factor is
     * owed in any case (store/factors.ts).
     */
    mfaRequired: boolean('mfa_required').notNull().default(false),
    /** 64 random bytes: the name of the person to authenticators (WebAuthn section 14.6.1). Made when first needed. */
    passkeyHandle: bytea('passkey_handle'),
    /** The system from which the person was imported, the id there, and the run that did it. */
    externalSource: text('external_source'),
    externalId: text('external_id'),
    importRunId: uuid('import_run_id').references(() => importRuns.id, { onDelete: 'set null' }),
    emailVerifiedAt: instant('email_verified_at'),
    pendingExpiresAt: instant('pending_expires_at'),
    /** Since when nobody can log in to the account. */
    disabledAt: instant('disabled_at'),
    /** The operator who disabled it. Null when its owner closed it. Only an operator enables what one has disabled. */
    disabledBy: text('disabled_by'),
    /** When a closed account is erased. Until then the change of its address can be undone. */
    deletionDueAt: instant('deletion_due_at'),
    /** The language asked for at sign-up (BCP 47); mail falls back to English. */
    locale: text('locale').notNull().default('en'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('users_email_key').on(table.email).where(sql`email_verified_at IS NOT NULL`),
    /** For an operator who knows the beginning of an address, whatever the collation of the database is. */
    index('users_email_prefix_idx').on(table.email.op('text_pattern_ops')),
    index('users_pending_email_idx').on(table.email, table.createdAt).where(sql`email_verified_at IS NULL`),
    index('users_pending_expires_at_idx').on(table.pendingExpiresAt).where(sql`email_verified_at IS NULL`),
    uniqueIndex('users_external_key')
      .on(table.externalId, table.externalSource)
      .where(sql`external_id IS NOT NULL`),
    /** An address has one imported record at most: every login looks for it. */
    uniqueIndex('users_imported_pending_key')
      .on(table.email)
      .where(sql`email_verified_at IS NULL AND external_source IS NOT NULL`),
    index('users_import_run_idx').on(table.importRunId, table.id).where(sql`import_run_id IS NOT NULL`),
    index('users_deletion_due_at_idx').on(table.deletionDueAt).where(sql`deletion_due_at IS NOT NULL`),
    check('users_pending_or_verified', sql`(email_verified_at IS NULL) = (pending_expires_at IS NOT NULL)`),
  ],
);

/**
 * One row for each login on one device. A refresh token names its generation, and a rotation is a compare-and-swap on
 * it.
 */
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
    /** The generation exchanged for the current one: the one before it, or an older one if an answer was lost. */
    exchangedGeneration: integer('exchanged_generation'),
    rotatedAt: instant('rotated_at'),
    /** The device that logged in, by its device token (guard/device.ts). */
    deviceId: uuid('device_id'),
    lastUsedAt: instant('last_used_at').notNull(),
    /** The last use before the five minutes of `last_used_at`; shown until these are over (last-use.ts). */
    usedBeforeAt: instant('used_before_at'),
    /** Refreshes in the minute that ends at `refresh_window_ends_at`. */
    refreshes: integer('refreshes').notNull().default(0),
    refreshWindowEndsAt: instant('refresh_window_ends_at'),
    /** How the person proved their identity, as in the claim `amr` of access tokens (RFC 8176). */
    amr: text('amr').array().notNull().default(sql`'{pwd}'`),
    /** The version of the password that it has set. By it a repeated request is recognised and gets the same answer. */
    passwordChangedAt: instant('password_changed_at'),
    idleExpiresAt: instant('idle_expires_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'),
    revokedReason: text('revoked_reason', { enum: sessionEndings }),
    /** How the refresh token travels. It never changes for a session. */
    transport: text('transport', { enum: transports }).notNull().default('body'),
    client: text('client'),
    userAgent: text('user_agent'),
    /** City and country of the login, if Cloudflare knows them. */
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
 * Sessions that ended early, for services that only verify tokens (session/revoked-sessions.ts). A trigger of the owner
 * writes a row whenever a session is revoked or deleted, so no statement can forget it and no Worker needs the right.
 * There is no foreign key: the row stays when the person is deleted, and does not say whose session it was.
 */
export const revokedSessions = pgTable(
  'revoked_sessions',
  {
    /**
     * The first 12 bytes of SHA-256 of the session's id, as text. Empty in one row, the mark: no token that was issued
     * before its time is good, whatever its session (store/session-ends.ts).
     */
    digest: bytea('digest').primaryKey(),
    revokedAt: instant('revoked_at').notNull(),
  },
  (table) => [index('revoked_sessions_revoked_at_idx').on(table.revokedAt)],
);

/** The proof that an address waits for. Code and link are derived from ids and a key, and neither is stored. */
export const verificationTokens = pgTable(
  'verification_tokens',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    purpose: text('purpose', { enum: ['verify_email', 'change_email', 'enrol'] }).notNull(),
    /** The requested new address of a person, or the address that an enrolment was mailed to. A sign-up has its address in `users`. */
    email: text('email'),
    /** The password record for the new address, on which its salt depends. */
    passwordHash: text('password_hash'),
    /** MAC of the address to be proven, without its `+tag`. Its mails are counted under this key (mail-lanes.ts). */
    recipientKey: bytea('recipient_key').notNull(),
    /** The mail whose code is valid. A newer mail makes the codes of older ones void. */
    mailId: uuid('mail_id').notNull(),
    /** The id of the mail key from which code and link are derived. */
    keyId: text('key_id').notNull(),
    /** MAC of the person and the code, so that one statement can count the try and check the code. */
    codeMac: bytea('code_mac').notNull(),
    codeExpiresAt: instant('code_expires_at').notNull(),
    tries: smallint('tries').notNull().default(0),
    /** Tries of the password that goes with the link. Guesses at the code do not use these up. */
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

/** Links that set a new password. Using one of them makes the others of the person void. */
export const passwordResetTokens = pgTable(
  'password_reset_tokens',
  {
    /** Also the id of the mail that carries the link. */
    id: uuid('id').primaryKey(),
    /** Null: a decoy, for an address that has no account. */
    userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
    /** MAC of the address in the request. */
    recipientKey: bytea('recipient_key').notNull(),
    /** The network that the request came from. */
    client: text('client'),
    /** The id of the mail key from which the link is derived, or `*` (lib/key-ring.ts). */
    keyId: text('key_id').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
    /** The version of the password that it has set. By it a repeated request is recognised and gets the same answer. */
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
 * A change of address that the old mailbox can still undo. The old address is reserved until then. The id is that of
 * the notice about the request: its link cancels the change while it waits, and undoes it afterwards.
 */
export const emailChangeUndos = pgTable(
  'email_change_undos',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** The mail about the change, which has the link again. */
    mailId: uuid('mail_id').notNull(),
    /** The address that an undo restores. */
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
 * Counters of tries of passwords and second factors, which are counted before they are checked. The key is a MAC of the address and
 * the purpose of the counter, so an address without an account gets the same rows.
 */
export const failedLoginAttempts = pgTable(
  'failed_login_attempts',
  {
    key: bytea('key').primaryKey(),
    /** MAC of the owner, an address or a person. A reset and a deletion delete all counters of an owner. */
    ownerKey: bytea('owner_key').notNull(),
    /**
     * The account that the last try was for, so that an operator without any key can unlock it. Null: there was none.
     * No foreign key: an address without an account must cost the same work.
     */
    userId: uuid('user_id'),
    /** `failures` is in the current window, `in_a_row` since the last success (attempts.ts). */
    failures: integer('failures').notNull(),
    inARow: integer('in_a_row').notNull(),
    windowEndsAt: instant('window_ends_at').notNull(),
    lockedUntil: instant('locked_until'),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [
    index('failed_login_attempts_owner_key_idx').on(table.ownerKey),
    index('failed_login_attempts_user_id_idx').on(table.userId),
    index('failed_login_attempts_expires_at_idx').on(table.expiresAt),
  ],
);

/**
 * The secret of an authenticator app (RFC 6238), once it is confirmed by a code. Until then it exists only in a sealed
 * form, in the ticket of its enrolment (factor/enrol.ts).
 */
export const totpFactors = pgTable('totp_factors', {
  userId: uuid('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  /** AES-256-GCM, bound to the person and the purpose: copied to another person it does not open (lib/sealed.ts). */
  sealed: bytea('sealed').notNull(),
  /** The id of the factor key under which it is sealed. */
  keyId: text('key_id').notNull(),
  /** The newest time step whose code was used. No code of this step or of an older one is accepted again. */
  lastStep: bigint('last_step', { mode: 'number' }).notNull().default(0),
  createdAt: instant('created_at').notNull(),
});

/** Public keys of authenticators (WebAuthn). The private halves never leave the devices of the person. */
export const passkeys = pgTable(
  'passkeys',
  {
    /** Also the id in the ticket of the registration, which by it works once. */
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** The domain that it belongs to (RP_ID). Browsers offer it nowhere else. */
    rpId: text('rp_id').notNull(),
    credentialId: bytea('credential_id').notNull(),
    /** A COSE key. */
    publicKey: bytea('public_key').notNull(),
    /** The signature counter of the last use. Passkeys that are synced always say 0. */
    counter: bigint('counter', { mode: 'number' }).notNull().default(0),
    transports: text('transports').array().notNull().default(sql`'{}'`),
    /** The model of the authenticator. */
    aaguid: uuid('aaguid'),
    backupEligible: boolean('backup_eligible').notNull(),
    backedUp: boolean('backed_up').notNull(),
    /** As the person calls it. */
    name: text('name').notNull(),
    createdAt: instant('created_at').notNull(),
    lastUsedAt: instant('last_used_at'),
  },
  (table) => [
    uniqueIndex('passkeys_credential_id_key').on(table.credentialId),
    index('passkeys_user_id_idx').on(table.userId),
    /** For readiness, which asks for the first and the last one. */
    index('passkeys_rp_id_idx').on(table.rpId),
  ],
);

/** The recovery codes of a person. They are derived from the ids and a factor key, so nothing here can be cracked. */
export const recoveryCodes = pgTable('recovery_codes', {
  userId: uuid('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  /** A new set makes the codes of the old one void. */
  setId: uuid('set_id').notNull(),
  /** The id of the factor key from which the codes are derived. */
  keyId: text('key_id').notNull(),
  /** Bit `i` is set when code `i` was used. */
  used: integer('used').notNull().default(0),
  createdAt: instant('created_at').notNull(),
});

/**
 * An operator takes the factors of a person away who has lost all of them. It waits, and using one of them stops it.
 */
export const factorRemovals = pgTable(
  'factor_removals',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    dueAt: instant('due_at').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('factor_removals_user_id_key').on(table.userId),
    index('factor_removals_due_at_idx').on(table.dueAt),
  ],
);

/**
 * Append-only: no role of a Worker may change a row. When a person is deleted, a trigger removes the identity from
 * their rows (migrations/0001).
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
    /** For a login, which looks for failures since the last success, however many refused tries there are. */
    index('security_events_logins_idx')
      .on(table.userId, table.id)
      .where(sql`kind IN ('login.success', 'login.failed', 'reset.completed')`),
    index('security_events_occurred_at_idx').on(table.occurredAt),
  ],
);

/**
 * Who acted as an operator, and why. The role of the API cannot read it, so what operators write for each other reaches
 * no person by accident. A row goes with its event. When the person is deleted, the reason is emptied.
 */
export const adminActs = pgTable('admin_acts', {
  eventId: uuid('event_id')
    .primaryKey()
    .references(() => securityEvents.id, { onDelete: 'cascade' }),
  operator: text('operator').notNull(),
  /** How the operator came in: it says how far the name can be trusted. */
  door: text('door', { enum: adminDoors }).notNull(),
  reason: text('reason'),
});

/**
 * Mail that is owed. The statement that causes a mail writes its row. The row holds ids, and never text of the mail.
 */
export const emailOutbox = pgTable(
  'email_outbox',
  {
    id: uuid('id').primaryKey(),
    kind: text('kind', { enum: mailKinds }).notNull(),
    /** Null when the person is deleted, or when there never was one. */
    userId: uuid('user_id').references(() => users.id, { onDelete: 'set null' }),
    /** The address, from the beginning. It does not change when the person changes theirs. */
    recipient: text('recipient'),
    /** MAC of the address, only on mail that strangers can cause: its lane counts by it. Notices have none. */
    recipientKey: bytea('recipient_key'),
    /** The event that a notice is about: when it happened, and from where. */
    eventId: uuid('event_id').references(() => securityEvents.id, { onDelete: 'set null' }),
    status: text('status', { enum: mailStates }).notNull().default('pending'),
    attempts: smallint('attempts').notNull().default(0),
    /** When it was first claimed. For a day from then on the provider may know its id as idempotency key. */
    claimedAt: instant('claimed_at'),
    /** Not to be claimed earlier: the end of a back-off or of a lease. Null: at once. */
    dueAt: instant('due_at'),
    /** When the sweep last queued it. */
    queuedAt: instant('queued_at'),
    finishedAt: instant('finished_at'),
    providerId: text('provider_id'),
    /** Why the last attempt failed, or why the mail was not sent: a status and a name, never text of the mail. */
    failure: text('failure'),
    /** What the provider reported later, by its webhook. */
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

/**
 * Rate limits while Redis is down: `name:seconds:window:key`. The key is the network of a client, or the id of a
 * session.
 */
export const rateLimitFallback = pgTable(
  'rate_limit_fallback',
  {
    key: text('key').primaryKey(),
    count: integer('count').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('rate_limit_fallback_expires_at_idx').on(table.expiresAt)],
);

/** Addresses that get no more mail: they do not exist, their owner reported our mail as spam, or an operator said so. */
export const mailSuppressions = pgTable(
  'mail_suppressions',
  {
    address: text('address').primaryKey(),
    reason: text('reason', { enum: ['bounced', 'complained', 'operator'] }).notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('mail_suppressions_created_at_idx').on(table.createdAt)],
);
