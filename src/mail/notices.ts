/**
 * What a person is told about their own account: each says what happened, when, from where, and what to do
 * (OWASP ASVS 6.3.5, 6.3.7). Secrets are derived here to be read, as in compose.ts, and stand in fragments only.
 */
import { describeDevice } from '../lib/device-name.ts';
import { keyById } from '../lib/key-ring.ts';
import type { ClaimedMail } from '../store/outbox.ts';
import type { Content, Settings } from './compose.ts';
import type { Block } from './message.ts';
import { deriveCode, encodeLinkToken } from './proof.ts';

/** A link whose token stands in the fragment, which no server, log or Referer ever sees. */
const link = (settings: Settings, label: string, page: string, token: string): Block => ({
  label,
  link: `${settings.linkBaseUrl}/${page}#token=${token}`,
});

const greeting = (name: string): Block => ({ paragraph: name === '' ? 'Hello,' : `Hello ${name},` });

function whenAndWhere({ event }: ClaimedMail): Block[] {
  if (event === null) return [];
  const when = event.at.toISOString().slice(0, 16).replace('T', ' ');
  const from = [event.client, describeDevice(event.userAgent)].filter((part) => part !== null).join(', ');
  return [{ paragraph: `When: ${when} UTC. From: ${from || 'unknown'}.` }];
}

function keyOf(settings: Settings, keyId: string) {
  const key = keyById(settings.mailSecrets, keyId);
  if (key === undefined) throw new Error(`a mail names a mail key that is not configured: ${keyId}`);
  return key;
}

export function resetPassword({ name, proof }: ClaimedMail, settings: Settings): Content | undefined {
  if (proof === null) return undefined;
  const token = encodeLinkToken(keyOf(settings, proof.keyId), 'reset-password', proof.tokenId);
  return {
    subject: `Reset your ${settings.productName} password`,
    blocks: [
      greeting(name),
      { paragraph: 'Somebody, hopefully you, asked to reset the password of your account.' },
      link(settings, 'Choose a new password', 'reset-password', token),
      {
        paragraph: `The link works once, for ${Math.ceil(settings.resetLinkSeconds / 60)} minutes. If you did not ask, ignore this mail: your password stays as it is.`,
      },
    ],
  };
}

export const passwordChanged = (mail: ClaimedMail, { productName }: Settings): Content => ({
  subject: `Your ${productName} password was changed`,
  blocks: [
    greeting(mail.name),
    { paragraph: 'The password of your account was changed, and other sessions were ended.' },
    ...whenAndWhere(mail),
    { paragraph: 'If it was not you, reset your password now: that ends every session.' },
  ],
});

/** Says no name: by the time it is written there is none any more. */
export const accountDeleted = ({ productName }: Settings): Content => ({
  subject: `Your ${productName} account is deleted`,
  blocks: [
    greeting(''),
    {
      paragraph:
        'Your account was deleted, as asked for with its password. Your name, sessions and tokens are gone, and this address is erased once this mail is sent.',
    },
    { paragraph: 'If it was not you, somebody knew your password: change it wherever else you use it.' },
  ],
});

/** To the new address, which somebody has yet to prove is theirs: it says whose account only by name. */
export function changeEmail(
  { id, name, userId, proof }: ClaimedMail,
  settings: Settings,
): Content | undefined {
  if (proof === null || userId === null) return undefined;
  const code = deriveCode(keyOf(settings, proof.keyId), 'change-email', userId, id);
  const minutes = Math.ceil(settings.verificationCodeSeconds / 60);
  return {
    subject: `${code} confirms your new ${settings.productName} address`,
    blocks: [
      greeting(name),
      { paragraph: `Enter this code where you asked for the change. It is good for ${minutes} minutes.` },
      { code },
      { paragraph: 'If you did not ask for this, ignore this mail: without the code nothing changes.' },
    ],
  };
}

export const changeEmailTaken = ({ name }: ClaimedMail, { productName }: Settings): Content => ({
  subject: `You already have a ${productName} account`,
  blocks: [
    greeting(name),
    {
      paragraph: `Somebody, perhaps you, tried to give another ${productName} account this address. It is the address of yours, so nothing was changed.`,
    },
    { paragraph: 'If it was you, delete one of the two accounts first. If not, there is nothing to do.' },
  ],
});

/** The link is bound to this very mail, so it can be written whether or not a change waits. */
export function changeEmailNotice(mail: ClaimedMail, settings: Settings): Content {
  const token = encodeLinkToken(settings.mailSecrets[0], 'cancel-email-change', mail.id);
  return {
    subject: `Somebody asked to change your ${settings.productName} address`,
    blocks: [
      greeting(mail.name),
      {
        paragraph:
          'Somebody who knows your password asked to give your account another address. It changes once a code sent there comes back.',
      },
      ...whenAndWhere(mail),
      {
        paragraph:
          'If it was you, there is nothing to do here. If not, cancel the change, then reset your password:',
      },
      link(settings, 'Cancel the change', 'cancel-email-change', token),
    ],
  };
}

export const emailChanged = (mail: ClaimedMail, { productName }: Settings): Content => ({
  subject: `The address of your ${productName} account was changed`,
  blocks: [
    greeting(mail.name),
    {
      paragraph:
        'Your account has another address now: it is the one to log in with, and the only one we write to. Other sessions were ended.',
    },
    ...whenAndWhere(mail),
    { paragraph: 'If it was not you, write to us at once: whoever did it knew your password.' },
  ],
});

export const newDevice = (mail: ClaimedMail, { productName }: Settings): Content => ({
  subject: `New login to your ${productName} account`,
  blocks: [
    greeting(mail.name),
    { paragraph: 'Somebody logged in with your password on a device that we have not seen before.' },
    ...whenAndWhere(mail),
    {
      paragraph:
        'If it was you, there is nothing to do. If not, reset your password now: that ends every session.',
    },
  ],
});
