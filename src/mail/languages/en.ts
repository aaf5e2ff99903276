/** Every sentence of the mails in English. Another language is a file of the same shape (docs/operations.md). */
import { factors } from './en-factors.ts';
import { amountIn, momentIn } from './format.ts';

const amount = amountIn('en-GB');

export const en = {
  openApp: (product: string) => `Open ${product}`,
  getHelp: 'Get help',
  notMe: 'It was not me',

  facts: { when: 'When', from: 'From', device: 'Device', unknown: 'not known' },
  moment: momentIn('en-GB'),
  browserOn: (browser: string, device: string) => `${browser} on ${device}`,

  verifyEmail: (product: string, { code, minutes }: { code: string | null; minutes: number }) => ({
    subject: code ? `${code} is your ${product} code` : `Confirm your address for ${product}`,
    heading: code ? 'Your code is ready' : 'Confirm your address',
    preview: code
      ? `${code}: enter it within ${amount(minutes, 'minute')} where you signed up.`
      : 'Open the link to finish signing up.',
    enterCode: `Enter this code where you signed up. It works for ${amount(minutes, 'minute')} after you asked for it.`,
    orOpen: 'Or open this link and confirm with the password you chose:',
    open: 'Open this link and confirm with the password you chose:',
    button: 'Confirm your address',
    note: 'If you did not sign up, ignore this mail. No account is made without it.',
  }),

  resetPassword: (product: string, { minutes }: { minutes: number }) => ({
    subject: `Set a new ${product} password`,
    preview: `The link works once, for ${amount(minutes, 'minute')}.`,
    asked: `Somebody, hopefully you, asked for a new password. This link works once, for ${amount(minutes, 'minute')} after you asked for it:`,
    button: 'Set a new password',
    after: 'After that, all your devices are logged out.',
    note: 'If you did not ask for it, ignore this mail. Your password stays as it is.',
  }),

  changeEmailCode: (product: string, { code, minutes }: { code: string; minutes: number }) => ({
    subject: `${code} is your ${product} code`,
    heading: 'Your code is ready',
    preview: `${code}: enter it within ${amount(minutes, 'minute')} to confirm your new address.`,
    enterCode: `Enter this code to use this address for your ${product} account. The code works for ${amount(minutes, 'minute')} after you asked for it.`,
    note: 'If you did not ask for it, ignore this mail. Without the code nothing changes.',
  }),

  changeEmailNotice: (product: string) => ({
    subject: `A new address for your ${product} account?`,
    preview: 'If you did not ask for it, stop it with the link.',
    happened:
      'Somebody, hopefully you, asked to give your account another address. We mailed a code to that address. The change is made when the code is entered.',
    advice:
      'If it was you, you need not do anything here. If not, stop the change, and then change your password:',
    button: 'Stop the change',
  }),

  undoButton: 'Undo the change',

  emailChanged: (product: string) => ({
    subject: `Your ${product} address was changed`,
    preview: 'Log in with the new address from now on.',
    happened:
      'Your account has a new address. Log in with it from now on. We will write only to that address. All other sessions have ended.',
    undo: (hours: number) =>
      `If it was not you, undo it within ${amount(hours, 'hour')} after the change. The account then gets this address back, everybody is logged out, and you choose a new password:`,
    advice: 'If it was not you, write to our support at once.',
  }),

  deletionRequested: (product: string, { hours }: { hours: number }) => ({
    subject: `Your ${product} account is closed`,
    preview: `Your data is erased ${amount(hours, 'hour')} after the change of address.`,
    happened: `Somebody, hopefully you, deleted your ${product} account. It is closed: nobody can log in. Because its address was changed a short time ago, your data is erased ${amount(hours, 'hour')} after that change.`,
    undo: 'If you did not change the address, undo the change. The account then gets this address back, and you choose a new password.',
    note: 'Until then, the old address of the account has a link that opens it again.',
  }),

  alreadyRegistered: (product: string) => ({
    subject: `You already have a ${product} account`,
    preview: 'Somebody tried to sign up with this address. Nothing was changed.',
    happened: `Somebody, perhaps you, tried to sign up at ${product} with this address. It has an account already, so nothing was changed.`,
    advice:
      'If it was you, log in with your password, or ask for a new one. If not, you need not do anything.',
  }),

  changeEmailTaken: (product: string) => ({
    subject: `You already have a ${product} account`,
    preview: 'Somebody tried to give this address to another account. Nothing was changed.',
    happened: `Somebody, perhaps you, tried to give this address to another ${product} account. Your account has this address, so nothing was changed.`,
    advice: 'If it was you, delete one of the two accounts first. If not, you need not do anything.',
  }),

  emailChangeUndone: (product: string) => ({
    subject: `The change of your ${product} address was undone`,
    preview: 'The account has its old address again, and needs a new password.',
    happened:
      'The change of address was undone from the old mailbox. The account has its old address again. Everybody is logged out, and the password no longer works. An authenticator app or a passkey that was added since the change is removed; an older one stays.',
    advice:
      'To log in again, choose "Forgot your password?" and enter the old address. A link will be mailed to it.',
  }),

  passwordChanged: (product: string) => ({
    subject: `Your ${product} password was changed`,
    preview: 'If it was you, you need not do anything.',
    happened: 'The password of your account was changed.',
    advice:
      'If it was you, you need not do anything. If not, ask for a new password at once. That ends every session, also the one of the person who did this.',
  }),

  passwordDisabled: (product: string) => ({
    subject: `Your ${product} password is switched off`,
    preview: 'Somebody tried too many wrong passwords. Nobody got in.',
    happened:
      'Somebody tried many wrong passwords for your account. Nobody got in. For your safety, the password now works only on devices that have logged in before. Devices that are logged in stay logged in.',
    advice: 'To log in on a new device, choose a new password: ask for it with "forgot password".',
  }),

  newDevice: (product: string) => ({
    subject: `New login to your ${product} account`,
    preview: 'From a device we have not seen before.',
    happened: 'Somebody logged in to your account, from a device we have not seen before.',
    advice: 'If it was you, you need not do anything. If not, set a new password: that ends all sessions.',
  }),

  suspiciousSuccess: (product: string, { count }: { count: number }) => ({
    subject: `A login to your ${product} account after failed attempts`,
    preview: `${count} wrong passwords came before it. Was it you?`,
    happened: `Somebody logged in to your account after ${count} attempts with a wrong password.`,
    advice:
      'If it was you, you need not do anything. If not, somebody may have guessed your password. Ask for a new one at once.',
  }),

  refreshTokenReused: (product: string) => ({
    subject: `We ended one of your ${product} sessions`,
    preview: 'An old key of one of your devices was used again.',
    happened:
      'One of your devices uses a key that is replaced from time to time. Somebody used an old one of these keys. It may have been stolen, so we ended that session, on your device too.',
    advice: 'To go on, log in again. If you do not know why this happened, set a new password.',
  }),

  ...factors,

  factorRemovalRequested: (product: string) => ({
    subject: `Your ${product} second factors will be removed`,
    preview: 'If you still have one of them, log in with it. That stops it.',
    happened:
      'Somebody, hopefully you, told our support that all your second factors and recovery codes are lost. They will be removed 72 hours after this mail was written. From then on, your password alone opens your account.',
    advice:
      'If it was you, you need not do anything, and can log in after that. If not, log in now with your second factor or a recovery code: that stops the removal. Then set a new password, because somebody may know it.',
  }),

  farewell: (product: string) => ({
    subject: `Your ${product} account is deleted`,
    preview: 'Your data is deleted, except for what this mail says.',
    happened: `Your ${product} account and everything in it are deleted. Security events are kept for a while, without your name or address. This is our last mail to you.`,
    advice: 'If it was not you, write to our support. You can sign up again at any time.',
  }),
};

export type Sentences = typeof en;
