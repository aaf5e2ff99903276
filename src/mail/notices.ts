/**
 * What a person is told about their own account: each says what happened, when, from where, and what to do
 * (OWASP ASVS 6.3.5, 6.3.7). Secrets are derived here to be read, as in compose.ts, and stand in fragments only.
 */
import { describeDevice } from '../lib/device-name.ts';
import { keyById } from '../lib/key-ring.ts';
import type { ClaimedMail } from '../store/outbox.ts';
import type { Content, Settings } from './compose.ts';
import type { Block } from './message.ts';
import { encodeLinkToken } from './proof.ts';

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
