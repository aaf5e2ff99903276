/** Claimed outbox row -> message. The only place where a mail's secrets are derived to be read. */
import type { JobsConfig } from '../env.ts';
import { keyById } from '../lib/key-ring.ts';
import type { ClaimedMail } from '../store/outbox.ts';
import { type Block, type Message, render } from './message.ts';
import { deriveCode, encodeLinkToken } from './proof.ts';

type Settings = Pick<JobsConfig, 'mailSecrets' | 'linkBaseUrl' | 'productName' | 'verificationCodeSeconds'>;

/** Undefined when the mail is stale: what it would say no longer holds. */
export function compose(mail: ClaimedMail, settings: Settings): Message | undefined {
  const content = contentOf(mail, settings);
  return content && render(settings, content.subject, content.blocks);
}

type Content = { subject: string; blocks: Block[] };

function contentOf(mail: ClaimedMail, settings: Settings): Content | undefined {
  switch (mail.kind) {
    case 'verify_email':
      return verifyEmail(mail, settings);
    case 'already_registered':
      return alreadyRegistered(mail, settings);
    case 'refresh_token_reused':
      return refreshTokenReused(mail, settings);
    case 'password_disabled':
      return passwordDisabled(mail, settings);
  }
}

function verifyEmail({ id, name, userId, proof }: ClaimedMail, settings: Settings): Content | undefined {
  if (proof === null) return undefined;
  const key = keyById(settings.mailSecrets, proof.keyId);
  if (key === undefined) throw new Error(`a mail names a mail key that is not configured: ${proof.keyId}`);
  const code = deriveCode(key, userId, id);
  const minutes = Math.ceil(settings.verificationCodeSeconds / 60);
  return {
    subject: `${code} is your ${settings.productName} code`,
    blocks: [
      { paragraph: `Hello ${name},` },
      { paragraph: `Enter this code where you signed up. It is good for ${minutes} minutes.` },
      { code },
      { paragraph: 'Or open this link and confirm with the password you chose:' },
      // In the fragment, which no server, log or Referer ever sees.
      {
        label: 'Confirm your address',
        link: `${settings.linkBaseUrl}/verify-email#token=${encodeLinkToken(key, proof.tokenId)}`,
      },
      { paragraph: 'If you did not sign up, ignore this mail: without it no account is made.' },
    ],
  };
}

function alreadyRegistered({ name }: ClaimedMail, { productName }: Settings): Content {
  return {
    subject: `You already have a ${productName} account`,
    blocks: [
      { paragraph: `Hello ${name},` },
      {
        paragraph: `Somebody, perhaps you, tried to sign up at ${productName} with this address. It already has an account, so nothing was changed.`,
      },
      { paragraph: 'If it was you, log in with the password you have. If not, there is nothing to do.' },
    ],
  };
}

function passwordDisabled({ name }: ClaimedMail, { productName }: Settings): Content {
  return {
    subject: `Your ${productName} password is switched off`,
    blocks: [
      { paragraph: `Hello ${name},` },
      {
        paragraph:
          'Somebody has tried wrong passwords for your account so often that it now takes none from a device it does not know. Nobody got in, and devices that are logged in stay so.',
      },
      { paragraph: 'To log in on a new device, choose a new password: ask for it with "forgot password".' },
    ],
  };
}

function refreshTokenReused({ name, event }: ClaimedMail, { productName }: Settings): Content {
  return {
    subject: `We ended one of your ${productName} sessions`,
    blocks: [
      { paragraph: `Hello ${name},` },
      {
        paragraph:
          'A key that one of your devices had already replaced was used again. That can mean it was stolen, so we ended the session: whoever held the key is logged out.',
      },
      ...(event
        ? [
            {
              paragraph: `When: ${event.at.toISOString().slice(0, 16).replace('T', ' ')} UTC. From: ${event.client ?? 'unknown'}, ${event.userAgent ?? 'unknown device'}.`,
            },
          ]
        : []),
      { paragraph: 'Log in again to go on. If you do not recognise this, change your password.' },
    ],
  };
}
