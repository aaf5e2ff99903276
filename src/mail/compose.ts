/**
 * Claimed outbox row -> message. The only place where a mail's secrets are derived to be read. What it writes comes
 * from rows and configuration, never from the clock, so that every retry gives the provider the same bytes.
 */
import type { JobsConfig } from '../env.ts';
import { type Key, keyById } from '../lib/key-ring.ts';
import type { ClaimedMail } from '../store/outbox.ts';
import { render } from './layout.ts';
import { inLanguage, type Message, type Template } from './message.ts';
import { deriveCode, encodeLinkToken } from './proof.ts';
import { alreadyRegistered } from './templates/already-registered.ts';
import { refreshTokenReused } from './templates/refresh-token-reused.ts';
import { type VerifyEmailValues, verifyEmail } from './templates/verify-email.ts';

type Settings = Pick<JobsConfig, 'mailSecrets' | 'linkBaseUrl' | 'productName' | 'verificationCodeSeconds'>;

/** Undefined when the mail is stale: what it would say no longer holds. */
export function compose(mail: ClaimedMail, settings: Settings): Message | undefined {
  switch (mail.kind) {
    case 'verify_email': {
      const values = verifyEmailValues(mail, settings);
      return values && write(mail, settings, verifyEmail, values);
    }
    case 'already_registered':
      return write(mail, settings, alreadyRegistered, mail);
    case 'refresh_token_reused':
      return write(mail, settings, refreshTokenReused, mail);
  }
}

/** In the person's language, or in English. */
export function write<Values>(
  { locale }: { locale: string },
  brand: { productName: string },
  template: Template<Values>,
  values: Values,
): Message {
  const { language, words } = inLanguage(template, locale);
  return render(brand, language, words(values, brand));
}

/**
 * Stale when the proof is used, expired or carried by a newer mail. A mail that is only late goes out: its code may
 * be dead after 5 minutes, and is then left out, but the link in it opens the sign-up for a day.
 */
function verifyEmailValues(
  { id, userId, proof }: ClaimedMail,
  settings: Settings,
): VerifyEmailValues | undefined {
  if (proof === null) return undefined;
  const key = mailKey(settings, proof.keyId);
  return {
    code: proof.isCodeOpen ? deriveCode(key, userId, id) : null,
    link: linkTo(settings, '/verify-email', encodeLinkToken(key, proof.tokenId)),
    minutes: Math.ceil(settings.verificationCodeSeconds / 60),
  };
}

function mailKey({ mailSecrets }: Settings, keyId: string): Key {
  const key = keyById(mailSecrets, keyId);
  if (key === undefined) throw new Error(`a mail names a mail key that is not configured: ${keyId}`);
  return key;
}

/** The token stands in the fragment, which no server, log or Referer ever sees (ASVS 14.2.1). */
const linkTo = ({ linkBaseUrl }: Settings, path: string, token: string): string =>
  `${linkBaseUrl.replace(/\/$/, '')}${path}#token=${token}`;
