/** One app for all histories: each has addresses and networks of its own. */
import type { JobsDeps } from '../../src/jobs/deps.ts';
import { ORIGIN } from '../support/browser.ts';
import { freshDatabase } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { startJobs } from '../support/outbox.ts';
import { DAY, SETTINGS } from './model.ts';

export const WEBHOOK_SECRET = `whsec_${btoa('a secret of the mail provider')}`;
export const PLENTY_OF = { count: 900_000, seconds: 9_999_999 };
/** Limits that no history reaches by itself, each in one window that is longer than any. */
const PLENTY = [
  'signup',
  'verify',
  'resend',
  'login',
  'forgot',
  'reset',
  'confirm',
  'mfa',
  'refresh',
  'account',
]
  .map((name) => `${name}=${PLENTY_OF.count}/${PLENTY_OF.seconds}`)
  .join(';');
const quiet = { MAIL_QUEUE: { send: async () => {} } as unknown as Queue<{ id: string }> };

/** Ahead of the clock of the database, so that the database's clock decides nothing. */
let time = Date.now() + DAY;
const clock = { now: () => new Date(time), travel: (milliseconds: number) => (time += milliseconds) };

/** One app for all histories: each has addresses and networks of its own. */
let shared: Promise<{ gatehouse: Gatehouse; jobs: JobsDeps }> | undefined;

/** On a database where nobody else is: their clock runs far ahead, and what they sweep must be theirs. */
async function startShared() {
  const databaseUrl = await freshDatabase();
  const gatehouse = startGatehouse(
    {
      ...SETTINGS,
      LIMITS: PLENTY,
      LOG_LEVEL: 'silent',
      RESEND_WEBHOOK_SECRET: WEBHOOK_SECRET,
      DATABASE_URL: databaseUrl,
      ALLOWED_ORIGINS: ORIGIN,
    },
    quiet,
    clock,
  );
  return { gatehouse, jobs: startJobs({ DATABASE_URL: databaseUrl, DATABASE_TIMEOUT_MS: '30000' }).deps };
}

/** At midnight: a history meets the ends of windows, of seconds and of codes where it always meets them. */
export async function sharedApp() {
  shared ??= startShared();
  clock.travel(DAY - (time % DAY));
  return { ...(await shared), clock };
}
