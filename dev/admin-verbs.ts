/** One call of each verb that only operators use, through the admin Worker or `npm run users`; a part of store-verbs.ts. */
import { randomUUID } from 'node:crypto';
import * as accountExport from '../src/store/account-export.ts';
import * as access from '../src/store/admin-access.ts';
import * as deletion from '../src/store/admin-delete.ts';
import * as mail from '../src/store/admin-mail.ts';
import type { Db } from '../src/store/db.ts';
import * as removals from '../src/store/factor-removals.ts';
import * as people from '../src/store/people.ts';
import * as personPage from '../src/store/person-page.ts';
import * as sessionEnds from '../src/store/session-ends.ts';
import { now, someone } from './store-samples.ts';

const acting = { operator: 'bob', door: 'cli' as const, reason: 'asked for it', requestId: 'plans' };
const id = () => randomUUID();

export const adminVerbs: Record<string, (db: Db) => Promise<unknown>> = {
  findPeople: async (db) => {
    await people.findPeople(db, { id: id() }, 50);
    await people.findPeople(db, { emailBegins: 'person-777', externalId: 'person-777' }, 50);
  },
  showPerson: (db) => personPage.showPerson(db, id(), acting, now),
  exportPerson: (db) => accountExport.exportPerson(db, id(), acting, now),
  disablePerson: (db) => access.disablePerson(db, id(), acting, now),
  enablePerson: (db) => access.enablePerson(db, id(), acting, now),
  unlockPerson: (db) => access.unlockPerson(db, id(), acting, now),
  endSessionsOf: (db) => access.endSessionsOf(db, id(), acting, now),
  startReset: (db) => mail.startReset(db, id(), acting, now),
  resendProof: (db) => mail.resendProof(db, id(), acting, now),
  suppressAddress: async (db) => {
    await mail.suppressAddress(db, someone, true, acting, now);
    await mail.suppressAddress(db, someone, false, acting, now);
  },
  requestRemoval: (db) => removals.requestRemoval(db, id(), acting, now),
  cancelRemoval: (db) => removals.cancelRemoval(db, id(), acting, now),
  deletePerson: (db) => deletion.deletePerson(db, id(), acting, now),
  countSessions: (db) => sessionEnds.countSessions(db, { opened: { since: now } }, now),
  beginEnding: (db) => sessionEnds.beginEnding(db, true, acting, now),
  endSessionBatch: (db) => sessionEnds.endSessionBatch(db, { client: '203.0.113.7' }, id(), acting, now),
};
