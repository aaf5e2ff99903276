/** What each mail was about: its subject speaks to the person, these words to an operator. */
import type { MailKind } from '../../../src/store/mail-kinds.ts';

const ofMails: Record<MailKind, string> = {
  verify_email: 'Proof of the address',
  already_registered: 'Sign-up with an address that has an account',
  refresh_token_reused: 'Session ended: its token was copied',
  password_disabled: 'Password switched off',
  login_after_failures: 'Log-in after wrong passwords',
  reset_password: 'Reset link',
  password_changed: 'Password changed',
  change_email: 'Code for a new address',
  change_email_taken: 'New address that has an account',
  change_email_notice: 'Change of address was asked for',
  email_changed: 'Address changed',
  email_change_undone: 'Change of address undone',
  account_deletion_requested: 'Account closed, to be deleted',
  new_device: 'Log-in from a new device',
  account_deleted: 'Farewell',
  factor_removal_requested: 'Second steps will be removed',
  mfa_enabled: 'Second step added',
  mfa_disabled: 'Second step removed',
  mfa_guessing: 'Wrong codes after the right password',
  recovery_code_used: 'Recovery code used',
  recovery_codes_replaced: 'New recovery codes',
  passkey_added: 'Passkey added',
  passkey_removed: 'Passkey removed',
  passkey_copied: 'Passkey may be copied',
  enrol_factor: 'Code to add a second step at the log-in',
};

/** Those of a kind that is newer than this page are its name. */
export const mailWords = (kind: string): string =>
  (ofMails as Record<string, string | undefined>)[kind] ?? kind.replaceAll('_', ' ');
