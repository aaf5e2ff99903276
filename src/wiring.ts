/** Config -> Deps: the only place where implementations meet. */

import type { ApiBindings } from './config/bindings.ts';
import type { ApiConfig } from './config/read.ts';
import type { Deps, Passwords } from './deps.ts';
import type { Wiring } from './http/context.ts';
import { createHashQueue, type HashQueue, QueueFull } from './lib/hash-queue.ts';
import {
  createPasswordHasher,
  FULL_PRICE,
  nativeScrypt,
  type PasswordHasher,
  portableScrypt,
} from './lib/password-hash.ts';
import { startTimeLimit } from './lib/time-limit.ts';
import { breachRange } from './ports/breach.ts';
import { degradedLog } from './ports/degraded.ts';
import { upstashLimiter } from './ports/limiter.ts';
import { mailDoorbell } from './ports/mail-queue.ts';
import { sentryReporter } from './ports/reporter.ts';
import { Refusal } from './refusal.ts';
import { openDb } from './store/db.ts';

/** Seconds after which an isolate that was full has worked off what it had. */
const HASH_RETRY_AFTER = '2';

/** Made once an isolate; what it returns is called once a request. Only tests name a clock, a price or a timer. */
export function wire(
  config: ApiConfig,
  { MAIL_QUEUE }: ApiBindings,
  { now = (): Date => new Date(), hashPrice = FULL_PRICE, startLimit = startTimeLimit } = {},
): Wiring {
  const scrypt = config.passwordScrypt === 'native' ? nativeScrypt : portableScrypt;
  const hasher = createPasswordHasher(config.passwordPeppers, scrypt, hashPrice);
  const queue = createHashQueue(config.passwordHashWaiting);
  const breaches = breachRange(config.breachUrl);
  const limiter = upstashLimiter(config, startLimit);
  const degraded = degradedLog(config);
  return (after, meter, requestId) => ({
    config,
    db: openDb(config, meter, startLimit),
    dbAfter: openDb(config),
    mailQueue: mailDoorbell(MAIL_QUEUE, config, requestId),
    reporter: sentryReporter({ ...config, name: 'gatehouse-api' }, after),
    limiter: limiter(),
    breaches,
    degraded,
    now,
    after,
    passwords: inTurn(hasher, queue, after),
  });
}

function inTurn(hasher: PasswordHasher, queue: HashQueue, after: Deps['after']): Passwords {
  const turn = <T>(work: () => T) =>
    queue.run(work, after).catch((error: unknown) => {
      if (error instanceof QueueFull)
        throw new Refusal('overloaded', { headers: { 'Retry-After': HASH_RETRY_AFTER } });
      throw error;
    });
  return {
    hash: (password, address) => turn(() => hasher.hash(password, address)),
    match: (password, address, records) =>
      turn(() => {
        const index = hasher.match(password, records);
        const record = records[index];
        const isOld = record !== undefined && !hasher.isCurrent(record, address);
        return { index, rehashed: isOld ? hasher.hash(password, address) : null };
      }),
  };
}
