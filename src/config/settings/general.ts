/** Where a Worker runs, what it says, and how long it waits. */
import { headerText, oneOf, optionalOneOf, optionalUrl, whole } from '../fields.ts';
import { api, both } from '../setting.ts';

/** Least urgent first: a line is written when its level is not below LOG_LEVEL. `silent` writes nothing. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export const general = {
  environment: both(
    oneOf(['local', 'staging', 'production'], 'local'),
    '`local`, `staging` or `production`. Outside local work, what only fits there is refused.',
  ),
  productName: both(
    headerText('Gatehouse'),
    'The name in mails, and a word that no password may be made of.',
  ),
  logLevel: both(
    oneOf(logLevels, 'info'),
    '`debug` (health probes and documents too), `info` (every request), `warn`, `error` or `silent`.',
  ),
  sentryDsn: both(optionalUrl, 'Where unforeseen errors are reported. None: nowhere.'),
  neonHttpUrl: both(optionalUrl, 'Where SQL is sent over HTTP instead of Neon. Local work only.'),
  databaseTimeoutMs: both(
    whole(2_000, 100, 30_000),
    'How long one request may wait for the database, over all its trips; in the jobs Worker, one trip.',
  ),
  bodyLimitBytes: api(whole(16_384, 1_024, 1_048_576), 'A longer body is refused.'),
  bodyTimeoutMs: api(whole(10_000, 100, 30_000), 'A body that takes longer to arrive is refused.'),
  apiDocs: api(
    optionalOneOf(['on', 'off']),
    'Whether `/openapi.json` and `/api-docs` are served: `on` or `off`. None: on, but off in production.',
  ),
  healthCacheSeconds: api(whole(5, 0, 60), 'How long a verdict of `/health/ready` is repeated.'),
  mailBacklogSeconds: api(
    whole(600, 1, 30 * 86_400),
    '`/health/ready` fails while a mail has been waiting for longer.',
  ),
};
