/** The kinds of mail. mail/compose.ts has the template of each, and a kind that is missing here does not compile. */
export const mailKinds = [
  'verify_email',
  'already_registered',
  'refresh_token_reused',
  'password_disabled',
  'login_after_failures',
  'reset_password',
  'password_changed',
  'change_email',
  'change_email_taken',
  'change_email_notice',
  'email_changed',
  'email_change_undone',
  'account_deletion_requested',
  'new_device',
  'account_deleted',
  'factor_removal_requested',
  'mfa_enabled',
  'mfa_disabled',
  'mfa_guessing',
  'recovery_code_used',
  'recovery_codes_replaced',
  'passkey_added',
  'passkey_removed',
  'passkey_copied',
] as const;

export type MailKind = (typeof mailKinds)[number];
