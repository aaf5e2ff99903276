/**
 * Turns a claimed outbox row into a message. Codes and links are derived here and nowhere else. The message is made of
 * rows and configuration, and never of the clock, so every retry sends the same bytes.
 */

import type { JobsConfig } from '../config/read.ts';
import { OwnFault } from '../lib/fault.ts';
import { ANY_KEY, type Key, keyById } from '../lib/key-ring.ts';
import type { ClaimedMail } from '../store/outbox-claim.ts';
import { languageOf } from './language.ts';
import { render } from './layout.ts';
import { type Message, pageOf, type Sender, type Template } from './message.ts';
import { deriveCode, encodeLinkToken } from './proof.ts';
import { type ChangeEmailCodeValues, changeEmailCode } from './templates/change-email-code.ts';
import { changeEmailNotice } from './templates/change-email-notice.ts';
import { deletionRequested } from './templates/deletion-requested.ts';
import { emailChangedOld } from './templates/email-changed-old.ts';
import { type EnrolCodeValues, enrolCode } from './templates/enrol-code.ts';
import * as notices from './templates/notices.ts';
import { type ResetPasswordValues, resetPassword } from './templates/reset-password.ts';
import { type VerifyEmailValues, verifyEmail } from './templates/verify-email.ts';

type WritingSettings = Sender & Pick<JobsConfig, 'mailLanguage'>;
type Settings = WritingSettings &
  Pick<JobsConfig, 'mailSecrets' | 'verificationCodeSeconds' | 'emailUndoSeconds'>;

/** Undefined when the mail is stale: it is not true any more. */
export function compose(mail: ClaimedMail, settings: Settings): Message | undefined {
  const as = <Values>(template: Template<Values>, values: Values | undefined) =>
    values && write(mail, settings, template, values);
  switch (mail.kind) {
    case 'verify_email':
      return as(verifyEmail, verifyEmailValues(mail, settings));
    case 'already_registered':
      return as(notices.alreadyRegistered, mail);
    case 'refresh_token_reused':
      return as(notices.refreshTokenReused, mail);
    case 'password_disabled':
      return as(notices.passwordDisabled, mail);
    case 'login_after_failures':
      return as(notices.suspiciousSuccess, numberIn(mail, /^after_(\d+)_failures$/));
    case 'reset_password':
      return as(resetPassword, resetPasswordValues(mail, settings));
    case 'password_changed':
      return as(notices.passwordChanged, mail);
    case 'new_device':
      return as(notices.newDevice, mail);
    case 'change_email':
      return as(changeEmailCode, codeValues(mail, settings, 'change-email'));
    case 'change_email_taken':
      return as(notices.changeEmailTaken, mail);
    case 'change_email_notice':
      return as(changeEmailNotice, { ...mail, cancelLink: cancelLink(mail.id, settings) });
    case 'email_changed':
      return emailChanged(mail, settings);
    case 'email_change_undone':
      return as(notices.emailChangeUndone, mail);
    case 'account_deletion_requested':
      return as(deletionRequested, {
        event: mail.event,
        undo: undoOf(mail, settings),
        hours: undoHours(settings),
      });
    case 'account_deleted':
      return as(notices.farewell, {});
    case 'enrol_factor':
      return as(enrolCode, enrolCodeValues(mail, settings));
    case 'mfa_enabled':
      return as(notices.mfaEnabled, mail);
    case 'mfa_disabled':
      return as(notices.mfaDisabled, mail);
    case 'factor_removal_requested':
      return as(notices.factorRemovalRequested, {});
    case 'mfa_guessing':
      return as(notices.mfaGuessing, numberIn(mail, /^after_(\d+)_failures$/));
    case 'recovery_code_used':
      return as(notices.recoveryCodeUsed, numberIn(mail, /^(\d+)_left$/));
    case 'recovery_codes_replaced':
      return as(notices.recoveryCodesReplaced, mail);
    case 'passkey_added':
      return as(notices.passkeyAdded, mail);
    case 'passkey_removed':
      return as(notices.passkeyRemoved, mail);
    case 'passkey_copied':
      return as(notices.passkeyCopied, mail);
  }
}

/** In the person's language, or in the one that is configured. */
export function write<Values>(
  { locale }: { locale: string },
  settings: WritingSettings,
  template: Template<Values>,
  values: Values,
): Message {
  const { language, sentences } = languageOf(locale, settings.mailLanguage);
  return render(settings, language, sentences.getHelp, template(values, sentences, settings));
}

/** Only the old address can undo the change. */
function emailChanged(mail: ClaimedMail, settings: Settings): Message {
  const { event } = mail;
  const undo = undoOf(mail, settings);
  return undo
    ? write(mail, settings, emailChangedOld, { event, undo })
    : write(mail, settings, notices.emailChanged, { event });
}

/**
 * Undefined when the proof is used, expired or in a newer mail. A mail that is late is still sent: its code may have
 * expired after 5 minutes and is then left out, but its link works for a day.
 */
function verifyEmailValues(
  { id, userId, proof }: ClaimedMail,
  settings: Settings,
): VerifyEmailValues | undefined {
  if (proof === null || userId === null) return undefined;
  const key = mailKey(settings, proof.keyId);
  return {
    code: proof.isCodeOpen ? deriveCode(key, 'verify-email', userId, id) : null,
    link: linkTo(settings, '/verify-email', encodeLinkToken(key, 'verify-email', proof.tokenId)),
    minutes: minutes(settings.verificationCodeSeconds),
  };
}

/** A mail that has nothing but a code is stale when the code has expired. */
function codeValues(
  { id, userId, proof }: ClaimedMail,
  settings: Settings,
  purpose: 'change-email' | 'enrol',
): ChangeEmailCodeValues | undefined {
  if (proof === null || userId === null || !proof.isCodeOpen) return undefined;
  return {
    code: deriveCode(mailKey(settings, proof.keyId), purpose, userId, id),
    minutes: minutes(settings.verificationCodeSeconds),
  };
}

function enrolCodeValues(mail: ClaimedMail, settings: Settings): EnrolCodeValues | undefined {
  const values = codeValues(mail, settings, 'enrol');
  return values && { ...values, event: mail.event };
}

function resetPasswordValues(
  { proof, event }: ClaimedMail,
  settings: Settings,
): ResetPasswordValues | undefined {
  if (proof === null) return undefined;
  const token = encodeLinkToken(mailKey(settings, proof.keyId), 'reset-password', proof.tokenId);
  return {
    link: linkTo(settings, '/reset-password', token),
    minutes: minutes(proof.lifeSeconds),
    event,
  };
}

/** The reason of the event says how many it was about. Without it there is nothing to tell. */
function numberIn(
  { event }: ClaimedMail,
  pattern: RegExp,
): { count: number; event: ClaimedMail['event'] } | undefined {
  const count = pattern.exec(event?.reason ?? '')?.[1];
  return count === undefined ? undefined : { count: Number(count), event };
}

/** `id` is that of the notice, so the link can be made whether or not a change waits. */
const cancelLink = (id: string, settings: Settings): string =>
  linkTo(
    settings,
    '/cancel-email-change',
    encodeLinkToken(settings.mailSecrets[0], 'cancel-email-change', id),
  );

const undoHours = ({ emailUndoSeconds }: Settings) => Math.round(emailUndoSeconds / 3_600);

const undoOf = ({ undoId }: ClaimedMail, settings: Settings) =>
  undoId === null ? null : { link: cancelLink(undoId, settings), hours: undoHours(settings) };

/** A retry after a rotation of keys may send another link of the same row; both work. */
function mailKey({ mailSecrets }: Settings, keyId: string): Key {
  if (keyId === ANY_KEY) return mailSecrets[0];
  const key = keyById(mailSecrets, keyId);
  if (key === undefined)
    throw new OwnFault('MailKeyNotConfigured', `a mail names a mail key that is not configured: ${keyId}`);
  return key;
}

const minutes = (seconds: number): number => Math.ceil(seconds / 60);

/** The token is in the fragment of the link, which no server, log or Referer header sees (ASVS 14.2.1). */
const linkTo = (settings: Settings, path: string, token: string): string =>
  `${pageOf(settings, path)}#token=${token}`;
