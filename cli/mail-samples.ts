/** Every template, with values that test its layout: long names, long addresses, markup. */
import type { Message, Template } from '../src/mail/message.ts';
import { changeEmailCode } from '../src/mail/templates/change-email-code.ts';
import { changeEmailNotice } from '../src/mail/templates/change-email-notice.ts';
import { deletionRequested } from '../src/mail/templates/deletion-requested.ts';
import { emailChangedOld } from '../src/mail/templates/email-changed-old.ts';
import { enrolCode } from '../src/mail/templates/enrol-code.ts';
import * as notices from '../src/mail/templates/notices.ts';
import { resetPassword } from '../src/mail/templates/reset-password.ts';
import { verifyEmail } from '../src/mail/templates/verify-email.ts';

type Write = <Values>(template: Template<Values>, values: Values) => Message;

const token = 'AaHQBOAXcXcWvM2WeGWm9Q'.repeat(3);
const link = (path: string) => `http://localhost:8787/${path}#token=${token}`;
const undo = { link: link('cancel-email-change'), hours: 72 };
const event = {
  at: new Date('2026-11-22T19:38:00Z'),
  client: '2001:db8:85a3:8d3:1319:8a2e:370:7348',
  userAgent:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
};

export const samples: { name: string; sample: (write: Write) => Message }[] = [
  {
    name: 'verify-email',
    sample: (write) => write(verifyEmail, { code: '042917', link: link('verify-email'), minutes: 5 }),
  },
  {
    name: 'verify-email-late',
    sample: (write) => write(verifyEmail, { code: null, link: link('verify-email'), minutes: 5 }),
  },
  { name: 'already-registered', sample: (write) => write(notices.alreadyRegistered, {}) },
  {
    name: 'reset-password',
    sample: (write) => write(resetPassword, { link: link('reset-password'), minutes: 60, event }),
  },
  { name: 'password-changed', sample: (write) => write(notices.passwordChanged, { event }) },
  { name: 'password-disabled', sample: (write) => write(notices.passwordDisabled, { event }) },
  { name: 'change-email-code', sample: (write) => write(changeEmailCode, { code: '300815', minutes: 5 }) },
  {
    name: 'change-email-notice',
    sample: (write) =>
      write(changeEmailNotice, {
        cancelLink: link('cancel-email-change'),
        event,
      }),
  },
  { name: 'change-email-taken', sample: (write) => write(notices.changeEmailTaken, {}) },
  { name: 'email-changed', sample: (write) => write(notices.emailChanged, { event }) },
  { name: 'email-changed-old', sample: (write) => write(emailChangedOld, { event, undo }) },
  { name: 'email-change-undone', sample: (write) => write(notices.emailChangeUndone, { event }) },
  {
    name: 'deletion-requested',
    sample: (write) => write(deletionRequested, { event, undo: null, hours: 72 }),
  },
  {
    name: 'deletion-requested-old',
    sample: (write) => write(deletionRequested, { event, undo, hours: 72 }),
  },
  { name: 'new-device', sample: (write) => write(notices.newDevice, { event }) },
  { name: 'refresh-token-reused', sample: (write) => write(notices.refreshTokenReused, { event }) },
  {
    name: 'suspicious-success',
    sample: (write) => write(notices.suspiciousSuccess, { count: 12, event }),
  },
  { name: 'enrol-code', sample: (write) => write(enrolCode, { code: '300815', minutes: 5, event }) },
  { name: 'mfa-enabled', sample: (write) => write(notices.mfaEnabled, { event }) },
  { name: 'mfa-disabled', sample: (write) => write(notices.mfaDisabled, { event }) },
  { name: 'mfa-guessing', sample: (write) => write(notices.mfaGuessing, { count: 10, event }) },
  { name: 'mfa-guessing-off', sample: (write) => write(notices.mfaGuessing, { count: 50, event }) },
  { name: 'passkey-added', sample: (write) => write(notices.passkeyAdded, { event }) },
  { name: 'passkey-removed', sample: (write) => write(notices.passkeyRemoved, { event }) },
  { name: 'passkey-copied', sample: (write) => write(notices.passkeyCopied, { event }) },
  { name: 'recovery-code-used', sample: (write) => write(notices.recoveryCodeUsed, { count: 9, event }) },
  { name: 'recovery-codes-replaced', sample: (write) => write(notices.recoveryCodesReplaced, { event }) },
  {
    name: 'factor-removal-requested',
    sample: (write) => write(notices.factorRemovalRequested, {}),
  },
  { name: 'farewell', sample: (write) => write(notices.farewell, {}) },
];
