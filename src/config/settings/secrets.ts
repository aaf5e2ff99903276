/** Set with `wrangler secret put`, never written into a file that is committed. None has a default. */
import {
  databaseUrl,
  keyRing,
  secretUrl,
  signingKeySet,
  singleSecret,
  token,
  webhookSecret,
} from '../fields.ts';
import { api, both, jobs } from '../setting.ts';

export const secrets = {
  databaseUrl: both(
    databaseUrl,
    'Postgres, as the role of that Worker: postgresql://user:password@host/database. Locally empty: the one of this checkout.',
  ),
  accessTokenKeys: api(
    signingKeySet,
    'Keys that sign access tokens, as one line of JSON: `current` signs, `next` is published ahead of its use, `retired` still verify. Each a P-256 JWK with its own kid.',
  ),
  refreshTokenSecrets: api(
    keyRing,
    'Keys of refresh tokens: kid:base64url, comma-separated, each at least 32 random bytes. The first makes, all check.',
  ),
  passwordPeppers: api(
    keyRing,
    'Peppers of the password hashes, in the same form. One may only go when no stored hash names it.',
  ),
  mailSecrets: both(
    keyRing,
    'Keys that mailed codes and links are derived from, in the same form; the same in both Workers.',
  ),
  passwordSaltSecret: api(
    singleSecret,
    'At least 32 random bytes, base64url. The salts of password hashes and the keys of lockout counters are made from it. Never rotated: with another one no password fits.',
  ),
  upstashRedisRestUrl: api(
    secretUrl,
    'Where the rate limits are counted. Locally empty: a Redis that forgets when it stops.',
  ),
  upstashRedisRestToken: api(token, 'Its token.'),
  resendApiKey: jobs(token, 'The key of the mail provider. Locally any value will do.'),
  resendWebhookSecret: api(
    webhookSecret,
    'What Resend signs its webhook with (whsec_...). `off`: the webhook is not served.',
  ),
};
