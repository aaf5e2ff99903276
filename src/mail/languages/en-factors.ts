/** The sentences of mails about second factors in English. */
import { amountIn } from './format.ts';

const amount = amountIn('en-GB');

const codes = (count: number) => (count === 1 ? '1 code' : `${count} codes`);

export const factors = {
  enrolCode: (product: string, { code, minutes }: { code: string; minutes: number }) => ({
    subject: `${code} is your ${product} code`,
    heading: 'Your code is ready',
    preview: `${code}: enter it within ${amount(minutes, 'minute')} to set up your authenticator app.`,
    enterCode: `${product} asks everybody for a second factor. Enter this code where you are logging in, to set up an authenticator app. The code works for ${amount(minutes, 'minute')} after you entered your password.`,
    note: 'If it was not you, somebody knows your password. Never tell anybody this code, and set a new password at once: “Forgot password” on the log-in page does it.',
  }),

  mfaEnabled: (product: string) => ({
    subject: `Your ${product} login now needs a code`,
    preview: 'An authenticator app was added to your account.',
    happened:
      'An authenticator app was added to your account. From now on, whoever logs in needs your password and a code of that app.',
    advice:
      'If it was you, keep your recovery codes in a safe place. If not, set a new password at once, which ends all sessions, and write to our support.',
  }),

  mfaDisabled: (product: string) => ({
    subject: `Your ${product} login no longer needs a code`,
    preview: 'The authenticator app was removed from your account.',
    happened:
      'The authenticator app was removed from your account. All other sessions have ended, and recovery codes that stood in for it no longer work.',
    advice:
      'If it was you, you need not do anything. If not, set a new password at once: that ends every session. Then add an authenticator app again.',
  }),

  mfaGuessing: (product: string, { count }: { count: number }) => ({
    subject: `Somebody knows your ${product} password`,
    preview: `${count} wrong codes came after the right password. Nobody got in.`,
    happened:
      `Somebody entered your password, and then ${count} wrong codes since your last login. Nobody got in.` +
      (count >= 50 ? ' For your safety, the password is switched off until you choose a new one.' : ''),
    advice: 'If it was not you, somebody knows your password. Choose a new one at once.',
  }),

  recoveryCodeUsed: (product: string, { count }: { count: number }) => ({
    subject: `A recovery code of your ${product} account was used`,
    preview: `${codes(count)} left.`,
    happened: `One of your recovery codes was used. It does not work again. You have ${codes(count)} left.`,
    advice:
      'If it was you, you need not do anything. Make new codes before the last one is gone. If not, set a new password at once, and then make new codes.',
  }),

  recoveryCodesReplaced: (product: string) => ({
    subject: `New recovery codes for your ${product} account`,
    preview: 'The old ones no longer work.',
    happened: 'New recovery codes were made for your account. The old ones no longer work.',
    advice:
      'If it was you, keep the new ones in a safe place. If not, set a new password at once, and then make new codes.',
  }),

  passkeyAdded: (product: string) => ({
    subject: `A passkey was added to your ${product} account`,
    preview: 'It opens your account without a password.',
    happened:
      'A passkey was added to your account. It opens the account without a password and without a code.',
    advice:
      'If it was you, you need not do anything. If not, remove it in your account, set a new password, and write to our support.',
  }),

  passkeyRemoved: (product: string) => ({
    subject: `A passkey was removed from your ${product} account`,
    preview: 'It no longer opens your account. All other sessions have ended.',
    happened:
      'A passkey was removed from your account and no longer opens it. All other sessions have ended.',
    advice:
      'If it was you, you need not do anything. If not, set a new password at once: that ends every session.',
  }),

  passkeyCopied: (product: string) => ({
    subject: `A passkey of your ${product} account may have been copied`,
    preview: 'Its counter went back, so it was refused.',
    happened:
      'A passkey of your account was used, and its counter was lower than the last time. That happens when a second device has a copy of it. It was refused.',
    advice:
      'Remove this passkey in your account and add a new one. If you do not have the device any more, do it at once, and set a new password.',
  }),
};

export type FactorSentences = typeof factors;
