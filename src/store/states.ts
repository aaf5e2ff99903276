/** The closed lists of states that rows can be in. Apart from the tables, which no Worker carries. */

/** Why a session ended before its time. */
export const sessionEndings = [
  'logout',
  'refresh_token_reused',
  'revoked',
  'too_many_sessions',
  'password_changed',
  'password_reset',
  'email_changed',
  'email_change_undone',
  'replaced',
  'account_disabled',
] as const;

export const mailStates = ['pending', 'sending', 'sent', 'skipped', 'failed'] as const;
