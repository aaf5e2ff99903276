/** Tokens, sessions, and the pages that may use them. */
import { oneOf, origins, text, url, whole } from '../fields.ts';
import { api } from '../setting.ts';

const DAY = 86_400;
/** token/access.ts refuses what lives longer, whatever the setting was when it was minted. */
export const MAX_ACCESS_TOKEN_SECONDS = 3_600;

export const sessions = {
  issuer: api(
    url('http://localhost:8787'),
    '`iss` of access tokens: the public origin of the API. Locally it follows PORT.',
  ),
  audience: api(text('gatehouse'), '`aud` of access tokens.'),
  accessTokenSeconds: api(whole(900, 1, MAX_ACCESS_TOKEN_SECONDS), 'Life of an access token.'),
  refreshGraceSeconds: api(
    whole(10, 0, 60),
    'How long a used refresh token still gets the same next token, for tabs that refresh at the same time.',
  ),
  sessionRefreshes: api(
    whole(60, 1, 100_000),
    'Refreshes of one session in a minute. A window with many tabs that wakes up needs fewer.',
  ),
  sessionIdleSeconds: api(
    whole(7 * DAY, 1, 30 * DAY),
    'A session ends when it is not refreshed for this long.',
  ),
  sessionAbsoluteSeconds: api(whole(30 * DAY, 1, 365 * DAY), 'A session ends after this in any case.'),
  sessionsMax: api(whole(20, 1, 1_000), 'Live sessions of one person. One more ends the oldest.'),
  deviceTokenSeconds: api(
    whole(180 * DAY, 1, 400 * DAY),
    'How long a device stays known after its last login.',
  ),
  trustedDeviceSeconds: api(
    whole(30 * DAY, 1, 30 * DAY),
    'How long a device that was trusted at a login is not asked for the second factor. Logins do not renew it.',
  ),
  mfaRequired: api(
    oneOf(['off', 'all'], 'off'),
    '`all`: nobody logs in by password alone. Whoever has no second factor adds an authenticator app at the next login, with a code that is mailed to the address. Sessions that are open go on.',
  ),
  allowedOrigins: api(
    origins,
    'Origins whose pages may call the API with credentials: comma-separated and exact. Pages of the origin of ISSUER always may.',
  ),
};
