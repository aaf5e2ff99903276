/** What slows an attacker down. */
import { limits, whole } from '../fields.ts';
import { api } from '../setting.ts';

const DAY = 86_400;

export const guard = {
  loginTries: api(
    whole(5, 1, 100),
    'Failed logins of one address from one client or one known device, until they are locked.',
  ),
  loginTriesSeconds: api(whole(900, 1, DAY), 'The window of these.'),
  loginLockSeconds: api(whole(1_800, 1, DAY), 'How long the lock lasts.'),
  loginStrangerTries: api(
    whole(20, 1, 1_000),
    'Failed logins of one address an hour, from all unknown devices, until each waits longer.',
  ),
  loginSprayAddresses: api(
    whole(20, 2, 1_000),
    'Addresses that one client fails to log in to within LOGIN_TRIES_SECONDS, until `spray.suspected` is recorded.',
  ),
  loginFailuresInARow: api(
    whole(100, 1, 1_000),
    'Failures since the last success that disable the password for unknown devices until it is reset.',
  ),
  limiterTimeoutMs: api(whole(300, 50, 450), 'After this long without an answer Redis counts as down.'),
  limits: api(
    limits,
    'Requests per client, or per session for `accountSession`: name=count/seconds, several budgets with commas, limits with semicolons. One that is not named keeps its default. On Cloudflare `loginBurst`, `refresh`, `logout`, `account`, `accountSession` and `webhook` are counted by `ratelimits` of wrangler.toml and can only be changed there, together with `src/config/limits.ts`.',
  ),
};
