/**
 * Deletes what is over, every minute and a limited number of rows at a time: closed accounts, lost second factors, old
 * security events, sign-ups that nobody proved, unused codes and links, ended sessions, and expired counters.
 */
import { eraseClosedAccounts } from '../store/deletion.ts';
import {
  sweepCounters,
  sweepEvents,
  sweepRevokedSessions,
  sweepSessions,
  sweepSignups,
  sweepTokens,
} from '../store/expiry.ts';
import { removeDueFactors } from '../store/factor-removals.ts';
import type { JobsDeps } from './deps.ts';

/** How many rows of each kind were deleted. */
export async function forget({
  db,
  config,
  now,
}: Pick<JobsDeps, 'db' | 'config' | 'now'>): Promise<Record<string, number>> {
  return {
    accounts: await eraseClosedAccounts(db, now()),
    signups: await sweepSignups(db, now()),
    tokens: await sweepTokens(db, now()),
    sessions: await sweepSessions(db, now()),
    revocations: await sweepRevokedSessions(db, now()),
    factors: await removeDueFactors(db, now()),
    counters: await sweepCounters(db, now()),
    events: await sweepEvents(db, now(), config.eventRetentionDays),
  };
}
