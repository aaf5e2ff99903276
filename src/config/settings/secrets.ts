/** Set with `wrangler secret put`, never written into a file that is committed. None has a default. */
import {
  databaseUrl,
  keyRing,
  optionalKeyRing,
  secretUrl,
  signingKeySet,
  singleSecret,
  token,
  webhookSecret,
} from '../fields.ts';
import { all, api, both, jobs } from '../setting.ts';

export const secrets = {
  databaseUrl: all(
    databaseUrl,
    'Postgres, as the role of the Worker: postgresql://user:password@host/database. In local work, empty means the database of this checkout.',
  ),
  accessTokenKeys: api(
    signingKeySet,
    'Keys that sign access tokens, as one line of JSON. `current` signs, `next` is published before its use, `retired` still verify. Each is a P-256 JWK with its own kid.',
  ),
  refreshTokenSecrets: api(
    keyRing,
    'Keys of refresh tokens: kid:base64url, comma-separated, each at least 32 random bytes. The first one signs, all of them verify.',
  ),
  passwordPeppers: api(
    keyRing,
    'Peppers of the password hashes, in the same form. Remove one only when no stored hash names it any more.',
  ),
  importPeppers: api(
    optionalKeyRing,
    'Peppers of the password hashes of imported people (docs/import.md), in the same form. `off`: nobody was imported.',
  ),
  mailSecrets: both(
    keyRing,
    'Keys that mailed codes and links are derived from, in the same form; the same in both Workers.',
  ),
  factorSecrets: api(
    keyRing,
    'Keys that seal the secrets of authenticator apps and that recovery codes are derived from, in the same form. Remove one only when no row names it any more. Without them no second factor works (docs/operations.md).',
  ),
  ticketSecrets: api(
    keyRing,
    'Keys of tickets, which lead from one step of a login to the next, in the same form.',
  ),
  backendKeys: api(
    optionalKeyRing,
    'Keys with which your own backends sign the address of the person they call for (docs/integrate.md), in the same form. `off`: no backend is believed.',
  ),
  passwordSaltSecret: api(
    singleSecret,
    'At least 32 random bytes, base64url. The salts of password hashes and the keys of lockout counters are derived from it. Never change it: with another value no password fits.',
  ),
  upstashRedisRestUrl: api(
    secretUrl,
    'The Redis that counts rate limits. In local work, empty means a Redis in memory.',
  ),
  upstashRedisRestToken: api(token, 'Its token.'),
  resendApiKey: jobs(token, 'The key of the mail provider. In local work any value works.'),
  resendWebhookSecret: api(
    webhookSecret,
    'The secret with which Resend signs its webhook (whsec_...). `off`: the webhook is not served.',
  ),
};
