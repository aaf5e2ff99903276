/** One call of each verb that mail, the schedule, limits and operators use; a part of store-verbs.ts. */
import { randomUUID } from 'node:crypto';
import type { Db } from '../src/store/db.ts';
import * as expiry from '../src/store/expiry.ts';
import * as removals from '../src/store/factor-removals.ts';
import * as health from '../src/store/health.ts';
import * as mailReports from '../src/store/mail-reports.ts';
import * as outbox from '../src/store/outbox.ts';
import * as outboxAdmin from '../src/store/outbox-admin.ts';
import * as outboxClaim from '../src/store/outbox-claim.ts';
import * as upkeep from '../src/store/outbox-upkeep.ts';
import * as rateLimits from '../src/store/rate-limits.ts';
import * as revokedSessions from '../src/store/revoked-sessions.ts';
import { importVerbs } from './import-verbs.ts';
import { now, retention, someone } from './store-samples.ts';

/** What commands search by or work through, for one person at a keyboard: it may take its time. */
export const BY_HAND = ['listMails', 'replayMails', 'countSessions', 'endSessionBatch'];

export const upkeepVerbs: Record<string, (db: Db) => Promise<unknown>> = {
  ...importVerbs,
  listRevokedSessions: (db) => revokedSessions.listRevokedSessions(db, now, 50_000),
  removeDueFactors: (db) => removals.removeDueFactors(db, now),
  sweepEvents: (db) => expiry.sweepEvents(db, now, 30),
  probe: (db) => health.probe(db, 'localhost'),
  sweepSignups: (db) => expiry.sweepSignups(db, now),
  sweepTokens: (db) => expiry.sweepTokens(db, now),
  sweepSessions: (db) => expiry.sweepSessions(db, now),
  sweepRevokedSessions: (db) => expiry.sweepRevokedSessions(db, now),
  sweepCounters: (db) => expiry.sweepCounters(db, now),
  claimMails: (db) => outboxClaim.claimMails(db, [randomUUID(), randomUUID()], now, now),
  settleMails: (db) =>
    outbox.settleMails(
      db,
      [
        {
          id: randomUUID(),
          status: 'sent',
          attempts: 1,
          providerId: null,
          failure: null,
          dueAt: null,
          isCounted: true,
        },
      ],
      now,
    ),
  buryMails: (db) => outbox.buryMails(db, 'all', now),
  listDueMails: (db) => upkeep.listDueMails(db, 10, now),
  takeUnqueued: (db) => upkeep.takeUnqueued(db, 100, now),
  forgetOldMail: (db) => upkeep.forgetOldMail(db, retention, 100, now),
  liftSuppression: (db) => outboxAdmin.liftSuppression(db, someone),
  listMails: (db) => outboxAdmin.listMails(db, {}, 50),
  replayMails: (db) => outboxAdmin.replayMails(db, {}),
  takeFallback: (db) =>
    rateLimits.takeFallback(db, [{ name: 'login', key: 'k', count: 5, seconds: 60 }], now),
  recordReport: (db) =>
    mailReports.recordReport(
      db,
      { mailId: randomUUID(), report: 'bounced', at: now, suppress: someone },
      now,
    ),
};
