/** What slows an attacker down. */
import { limits, whole } from '../fields.ts';
import { api } from '../setting.ts';

const DAY = 86_400;

export const guard = {
  loginTries: api(
    whole(5, 1, 100),
    'Failed logins for one address from one client or one known device, before they are locked.',
  ),
  loginTriesSeconds: api(whole(900, 1, DAY), 'The time in which they are counted.'),
  loginLockSeconds: api(whole(1_800, 1, DAY), 'How long the lock lasts.'),
  loginStrangerTries: api(
    whole(20, 1, 1_000),
    'Failed logins for one address in an hour, from all unknown devices together. After that each one must wait longer.',
  ),
  loginSprayAddresses: api(
    whole(20, 2, 1_000),
    'When one client fails to log in to so many addresses within LOGIN_TRIES_SECONDS, `spray.suspected` is recorded.',
  ),
  loginFailuresInARow: api(
    whole(100, 1, 1_000),
    'After so many failures since the last success, unknown devices cannot log in until the password is reset.',
  ),
  limiterTimeoutMs: api(whole(300, 50, 450), 'Without an answer for this long, Redis counts as down.'),
  limits: api(
    limits,
    'Requests of one client, or of one session for `accountSession`: name=count/seconds. Commas separate several budgets of a limit, semicolons separate limits. A limit that is not named keeps its default. On Cloudflare `loginBurst`, `refresh`, `logout`, `account`, `accountSession` and `webhook` are counted by `ratelimits` in wrangler.toml. Change those there and in `src/config/limits.ts`.',
  ),
};
