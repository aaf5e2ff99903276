/** Where a Worker runs, what it logs, and how long it waits. */
import { headerText, oneOf, optionalOneOf, optionalUrl, whole } from '../fields.ts';
import { all, api, both } from '../setting.ts';

/** Least urgent first. A line is written when its level is at least LOG_LEVEL. `silent` writes nothing. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export const general = {
  environment: all(
    oneOf(['local', 'staging', 'production'], 'local'),
    '`local`, `staging` or `production`. The last two refuse settings that only fit a laptop.',
  ),
  productName: both(headerText('Gatehouse'), 'The name in mails. No password may consist of it.'),
  logLevel: all(
    oneOf(logLevels, 'info'),
    '`debug` (health probes and documents too), `info` (every request), `warn`, `error` or `silent`.',
  ),
  sentryDsn: all(optionalUrl, 'Where unexpected errors are reported. Empty: nowhere.'),
  neonHttpUrl: all(optionalUrl, 'Where SQL is sent over HTTP, instead of to Neon. Only for local work.'),
  databaseTimeoutMs: all(
    whole(2_000, 100, 30_000),
    'How long one request may wait for the database, all its trips together. In the other Workers: each trip.',
  ),
  bodyLimitBytes: api(whole(16_384, 1_024, 1_048_576), 'A longer body is refused.'),
  bodyTimeoutMs: api(whole(10_000, 100, 30_000), 'A body that takes longer to arrive is refused.'),
  apiDocs: api(
    optionalOneOf(['on', 'off']),
    'Whether `/openapi.json` and `/api-docs` are served: `on` or `off`. Empty: on, but off in production.',
  ),
  healthCacheSeconds: api(whole(5, 0, 60), 'How long an answer of `/health/ready` is kept and repeated.'),
  mailBacklogSeconds: api(
    whole(600, 1, 30 * 86_400),
    '`/health/ready` fails while a mail has been waiting longer than this.',
  ),
};
