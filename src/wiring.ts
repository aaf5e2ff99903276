/** Makes the dependencies from the configuration. The only place where implementations meet. */

import type { ApiBindings } from './config/bindings.ts';
import type { ApiConfig } from './config/read.ts';
import type { Deps, Passwords } from './deps.ts';
import type { Wiring } from './http/context.ts';
import { createHashQueue, type HashQueue, type Place, QueueFull } from './lib/hash-queue.ts';
import type { ForeignDigest } from './lib/imported-record.ts';
import { createPasswordHasher, type PasswordHasher } from './lib/password-hash.ts';
import { nativeScrypt, portableScrypt } from './lib/scrypt.ts';
import { startTimeLimit } from './lib/time-limit.ts';
import { breachRange } from './ports/breach.ts';
import { degradedLog } from './ports/degraded.ts';
import { edgeLimiter } from './ports/edge-limiter.ts';
import { upstashLimiter } from './ports/limiter.ts';
import { writeLog } from './ports/log.ts';
import { openMailQueue } from './ports/mail-queue.ts';
import { sentryReporter } from './ports/reporter.ts';
import { Refusal } from './refusal.ts';
import { openDb } from './store/db.ts';

/** Only an installation with imported people ever loads it. */
const loadForeignDigest = async (): Promise<ForeignDigest> =>
  (await import('./lib/foreign-digest.ts')).foreignDigest;

/** Seconds until an isolate with a full queue has worked it off. */
const HASH_RETRY_AFTER = '2';

/**
 * Called once for each isolate; what it returns is called once for each request. Only tests pass a clock, hash
 * functions or a timer.
 */
export function wire(
  config: ApiConfig,
  bindings: ApiBindings,
  {
    now = (): Date => new Date(),
    scrypt = config.passwordScrypt === 'native' ? nativeScrypt : portableScrypt,
    startLimit = startTimeLimit,
    loadDigest = loadForeignDigest,
  } = {},
): Wiring {
  const hasher = createPasswordHasher(config, scrypt, loadDigest);
  const queue = createHashQueue(config.passwordHashWaiting);
  const breaches = breachRange(config.breachUrl);
  const limiter = upstashLimiter(config, startLimit);
  const degraded = degradedLog(config);
  const edge = edgeLimiter(bindings, config.limits, degraded);
  return (after, meter, requestId) => ({
    config,
    db: openDb(config, meter, startLimit),
    dbAfter: openDb(config),
    mailQueue: openMailQueue(bindings.MAIL_QUEUE, config, requestId),
    reporter: sentryReporter({ ...config, name: 'gatehouse-api' }, after),
    limiter: limiter(),
    edge,
    breaches,
    degraded,
    now,
    after,
    passwords: queuedPasswords(hasher, queue, after, (settings) =>
      writeLog(config.logLevel, 'error', { event: 'password.unreadable', requestId, settings }),
    ),
  });
}

/**
 * The hasher behind the queue. A record that cannot be read, because a pepper or cost is missing, is our fault and is
 * logged. The caller gets "wrong password": any other answer would tell that the address has an account.
 */
function queuedPasswords(
  hasher: PasswordHasher,
  queue: HashQueue,
  after: Deps['after'],
  logUnreadable: (settings: string) => void,
): Passwords {
  const enter = () => {
    const place = enterQueue(queue, after);
    return {
      leave: place.leave,
      hash: (password: string, address: string) => place.run(() => hasher.hash(password, address)),
      async match(password: string, address: string, records: readonly string[]) {
        const { unreadable, ...match } = await place.run(() => hasher.match(password, address, records));
        if (unreadable !== undefined) logUnreadable(unreadable);
        return match;
      },
    };
  };
  return {
    enter,
    hash: async (...work) => enter().hash(...work),
    match: async (...work) => enter().match(...work),
  };
}

function enterQueue(queue: HashQueue, after: Deps['after']): Place {
  try {
    return queue.enter(after);
  } catch (error) {
    if (!(error instanceof QueueFull)) throw error;
    throw new Refusal('overloaded', { headers: { 'Retry-After': HASH_RETRY_AFTER } });
  }
}
