/** The closed lists of security events and their reasons. One that is not here does not compile. */

/** The kinds of events, as the history and the logs show them. */
export const eventKinds = [
  'signup.requested',
  'signup.existing_notice',
  'signup.verified',
  'verify.failed',
  'verify.resent',
  'otp.exhausted',
  'login.success',
  'login.failed',
  'login.throttled',
  'spray.suspected',
  'password.disabled',
  'token.grace',
  'token.reuse_detected',
  'logout',
  'logout.others',
  'session.revoked',
  'session.replaced',
  'session.displaced',
  'reset.requested',
  'reset.completed',
  'reset.failed',
  'password.confirm_failed',
  'password.changed',
  'email.change_requested',
  'email.change_cancelled',
  'email.change_failed',
  'email.changed',
  'email.change_undone',
  'mfa.enrolment_requested',
  'mfa.enrolment_failed',
  'mfa.enabled',
  'mfa.disabled',
  'mfa.failed',
  'mfa.guessing',
  'recovery.used',
  'recovery.replaced',
  'passkey.added',
  'passkey.renamed',
  'passkey.removed',
  'passkey.copied',
  'stepup.proven',
  'stepup.used',
  'profile.changed',
  'account.deletion_requested',
  'account.deleted',
  'admin.viewed',
  'admin.exported',
  'admin.disabled',
  'admin.enabled',
  'admin.unlocked',
  'admin.logged_out',
  'admin.reset_started',
  'admin.proof_resent',
  'admin.factor_removal_requested',
  'admin.factor_removal_cancelled',
  'admin.deleted',
  'admin.sessions_ended',
  'admin.suppressed',
  'admin.unsuppressed',
] as const;

export type EventKind = (typeof eventKinds)[number];

/** The reason, where the kind alone does not say it. */
export type EventReason =
  | 'account_disabled'
  | 'email_not_verified'
  | 'locked'
  | 'mail_budget'
  | 'not_open'
  | 'not_open_or_wrong_code'
  | 'unknown_address'
  | 'unreadable'
  | 'used_code'
  | 'unknown_passkey'
  | 'wrong_challenge'
  | 'wrong_code'
  | 'wrong_origin'
  | 'wrong_passkey'
  | 'counter_back'
  | 'wrong_password'
  | `after_${number}_failures`
  | `${number}_left`;
