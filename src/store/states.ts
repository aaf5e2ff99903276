/**
 * The closed lists of states that a row can be in. They are not in schema.ts, because the Workers do not carry the
 * tables.
 */

/** Why a session ended early. */
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
  'operator',
  'factor_removed',
] as const;

export const mailStates = ['pending', 'sending', 'sent', 'skipped', 'failed'] as const;

/**
 * How an operator came in: the command line, which is believed about the name; Cloudflare Access, which has proven it;
 * another Worker, which claims it.
 */
export const adminDoors = ['cli', 'access', 'rpc'] as const;
