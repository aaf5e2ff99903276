/** What a claimed mail is written from: its row and the configuration, so that every attempt writes the same. */
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { readJobsConfig } from '../../src/config/read.ts';
import { ANY_KEY } from '../../src/lib/key-ring.ts';
import { compose } from '../../src/mail/compose.ts';
import { decodeLinkToken } from '../../src/mail/proof.ts';
import { mailKinds } from '../../src/store/mail-kinds.ts';
import type { ClaimedMail } from '../../src/store/outbox-claim.ts';
import { linkTokenIn, type Message } from '../support/mailbox.ts';

const config = readJobsConfig(env as unknown as Record<string, string>);
const [key] = config.mailSecrets;
const id = '0197f0c4-7d5c-7c3e-a1b2-3c4d5e6f7a8b';
const proof = { tokenId: id, keyId: key.id, isCodeOpen: true, lifeSeconds: 3_600 };
const mail: ClaimedMail = {
  id,
  kind: 'verify_email',
  attempts: 1,
  isFateUnknown: false,
  userId: id,
  to: 'ada@example.com',
  locale: 'en',
  isSuppressed: false,
  proof,
  undoId: null,
  event: null,
};

test('a late mail leaves out its dead code, keeps its link, and reads the same at every attempt', () => {
  const first = compose(mail, config);
  expect(compose({ ...mail, attempts: 3 }, config)).toEqual(first);
  expect(first?.subject).toMatch(/^\d{6} /);
  const late = compose({ ...mail, proof: { ...proof, isCodeOpen: false } }, config);
  expect(late?.subject).not.toMatch(/\d{6}/);
  expect(late?.text).toContain('#token=');
  expect(compose({ ...mail, proof: null }, config)).toBeUndefined();
});

test.each(['verify_email', 'change_email', 'enrol_factor', 'reset_password'] as const)(
  'the secret of %s is that of the key it was owed under, also when a newer one is in use',
  (kind) => {
    const fresh = { id: 'fresh', secret: crypto.getRandomValues(new Uint8Array(32)) };
    const before = compose({ ...mail, kind }, config);
    expect(before).toBeDefined();
    expect(compose({ ...mail, kind }, { ...config, mailSecrets: [fresh, key] })).toEqual(before);
  },
);

test('what an operator has started is derived from the newest key, and from none that an operator has', () => {
  const fresh = { id: 'fresh', secret: crypto.getRandomValues(new Uint8Array(32)) };
  const settings = { ...config, mailSecrets: [fresh, key] as const };
  const started = { ...mail, kind: 'reset_password' as const, proof: { ...proof, keyId: ANY_KEY } };
  const token = linkTokenIn(compose(started, settings) as Message);
  expect(decodeLinkToken([fresh], 'reset-password', token)).toBe(id);
});

/** Of mails that say how many. */
const REASONS: Record<string, string> = {
  login_after_failures: 'after_12_failures',
  mfa_guessing: 'after_10_failures',
  recovery_code_used: '9_left',
};

test.each(mailKinds)('%s is written in the language of the person, in German too', (kind) => {
  const event = { at: new Date(0), client: null, userAgent: null, reason: REASONS[kind] ?? null };
  for (const locale of ['en', 'de'])
    expect(compose({ ...mail, kind, locale, event }, config)?.html).toContain(`<html lang="${locale}"`);
});

test('a link leads below the configured address, whether or not that ends with a slash', () => {
  for (const linkBaseUrl of ['https://app.example/auth', 'https://app.example/auth/'])
    expect(compose(mail, { ...config, linkBaseUrl })?.text).toContain(
      'https://app.example/auth/verify-email#token=',
    );
});

test('a mail says how many minutes its secret is good for, rounded up', () => {
  const settings = { ...config, verificationCodeSeconds: 90 };
  const shown = { ...mail, proof: { ...proof, lifeSeconds: 61 } };
  for (const kind of ['verify_email', 'change_email', 'reset_password'] as const)
    expect(compose({ ...shown, kind }, settings)?.text).toMatch(/\b2 minutes\b/);
});
