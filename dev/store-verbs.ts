/**
 * One call of each verb of the store, by its name, for everything that looks at their SQL: docs/sql, and the tests of
 * their plans and rights. A verb that is missing here fails test/database/plans.test.ts.
 */
import { randomUUID } from 'node:crypto';
import * as accountExport from '../src/store/account-export.ts';
import * as confirmations from '../src/store/confirmation.ts';
import type { Db } from '../src/store/db.ts';
import * as deletion from '../src/store/deletion.ts';
import * as emailChangeRequest from '../src/store/email-change-request.ts';
import * as emailChangeUndo from '../src/store/email-change-undo.ts';
import * as emailChanges from '../src/store/email-changes.ts';
import * as history from '../src/store/history.ts';
import * as loginFailures from '../src/store/login-failures.ts';
import * as logins from '../src/store/logins.ts';
import * as ownSessions from '../src/store/own-sessions.ts';
import * as passwords from '../src/store/passwords.ts';
import * as profiles from '../src/store/profiles.ts';
import * as resends from '../src/store/resends.ts';
import * as resetRequest from '../src/store/reset-request.ts';
import * as resets from '../src/store/resets.ts';
import * as rotation from '../src/store/rotation.ts';
import * as sessions from '../src/store/sessions.ts';
import * as signupProofs from '../src/store/signup-proofs.ts';
import * as signups from '../src/store/signups.ts';
import { adminVerbs } from './admin-verbs.ts';
import { factorVerbs } from './factor-verbs.ts';
import {
  bearer,
  caller,
  claim,
  code,
  confirmation,
  counters,
  device,
  now,
  owners,
  proof,
  recipientKeys,
  renewal,
  someone,
  spends,
} from './store-samples.ts';
import { upkeepVerbs } from './upkeep-verbs.ts';

export const verbs: Record<string, (db: Db) => Promise<unknown>> = {
  ...adminVerbs,
  ...upkeepVerbs,
  ...factorVerbs,
  listSessions: (db) => ownSessions.listSessions(db, bearer, now),
  revokeSession: (db) => ownSessions.revokeSession(db, bearer, randomUUID(), caller, now),
  revokeOtherSessions: (db) => ownSessions.revokeOtherSessions(db, bearer, caller, now),
  beginConfirmation: (db) =>
    confirmations.beginConfirmation(
      db,
      bearer,
      counters.map((counter) => ({ ...counter, forKnown: true })),
      now,
    ),
  recordConfirmFailure: (db) => confirmations.recordConfirmFailure(db, bearer, 'locked', caller, now),
  changePassword: (db) =>
    passwords.changePassword(db, confirmation, { ...renewal, passwordHash: 'x' }, caller, now),
  repeatPasswordChange: (db) => passwords.repeatPasswordChange(db, confirmation, renewal, now),
  requestReset: (db) =>
    resetRequest.requestReset(
      db,
      { id: randomUUID(), email: someone, keyId: 'k1', expiresAt: now, recipientKeys, device },
      caller,
      now,
    ),
  findReset: (db) => resets.findReset(db, randomUUID(), caller, now),
  completeReset: (db) =>
    resets.completeReset(
      db,
      { tokenId: randomUUID(), passwordHash: 'x', counterOwners: owners },
      caller,
      now,
    ),
  rename: (db) => profiles.rename(db, bearer, 'x', caller, now),
  deleteAccount: (db) =>
    deletion.deleteAccount(
      db,
      { ...confirmation, spend: spends.recovery },
      owners,
      { toOwn: randomUUID(), toOld: randomUUID() },
      caller,
      now,
    ),
  exportAccount: (db) => accountExport.exportAccount(db, bearer, now),
  requestEmailChange: (db) =>
    emailChangeRequest.requestEmailChange(
      db,
      { ...confirmation, spend: spends.recovery },
      {
        email: 'new@example.com',
        passwordHash: 'x',
        noticeId: randomUUID(),
        code,
        recipientKeys,
        mailboxKeys: recipientKeys,
      },
      caller,
      now,
    ),
  confirmEmailChange: (db) =>
    emailChanges.confirmEmailChange(
      db,
      bearer,
      { codeMacs: [code.mac], maxTries: 5 },
      { mails: { toOld: randomUUID(), toNew: randomUUID() }, undoUntil: now },
      caller,
      now,
    ),
  cancelOrUndoEmailChange: (db) =>
    emailChangeUndo.cancelOrUndoEmailChange(
      db,
      randomUUID(),
      { toRestored: randomUUID(), toReplaced: randomUUID() },
      caller,
      now,
    ),
  eraseClosedAccounts: (db) => deletion.eraseClosedAccounts(db, now),
  listEvents: (db) => history.listEvents(db, bearer, { limit: 20, before: undefined }, now),
  openSession: (db) =>
    sessions.openSession(
      db,
      {
        ...bearer,
        id: randomUUID(),
        secretHash: claim.secretHash,
        deviceId: randomUUID(),
        amr: ['pwd'],
        mfaEpoch: 0,
        idleExpiresAt: now,
        expiresAt: now,
        transport: 'cookie',
        isNewDevice: true,
        replaces: claim,
      },
      proof,
      { maxLive: 20, graceSeconds: 10 },
      caller,
      now,
    ),
  rotateSession: (db) =>
    rotation.rotateSession(db, claim, { idleSeconds: 60, graceSeconds: 10, maxRefreshes: 60 }, caller, now),
  endSession: (db) => rotation.endSession(db, claim, 10, caller, now),
  addSignup: (db) =>
    signups.addSignup(
      db,
      {
        id: randomUUID(),
        email: someone,
        name: 'x',
        passwordHash: 'x',
        expiresAt: now,
        tokenId: randomUUID(),
        code,
        recipientKeys,
        mailboxKeys: recipientKeys,
      },
      caller,
      now,
    ),
  proveSignup: async (db) => {
    const tokenId = randomUUID();
    await signupProofs.proveSignup(db, { id: randomUUID(), codeMacs: [code.mac], maxTries: 5 }, caller, now);
    await signupProofs.proveSignup(db, { id: randomUUID(), tokenId }, caller, now);
    await signupProofs.proveSignup(db, { email: someone, tokenId, records: ['x', 'y'] }, caller, now);
  },
  countLinkTry: (db) => signupProofs.countLinkTry(db, randomUUID(), caller, now),
  replaceCode: (db) => resends.replaceCode(db, randomUUID(), code, 3, caller, now),
  beginLogin: (db) => logins.beginLogin(db, { email: someone, counters, device }, now),
  undoTry: (db) => logins.undoTry(db, { counters, isKnownDevice: false }),
  recordLoginFailure: (db) =>
    loginFailures.recordLoginFailure(
      db,
      {
        email: someone,
        fitting: ['y', 'z'],
        reason: 'wrong_password',
        userId: null,
        counters,
        isKnownDevice: false,
        isLast: true,
        isFirst: true,
        addresses: { key: new Uint8Array(16), max: 1, windowSeconds: 900 },
      },
      caller,
      now,
    ),
  findProfile: (db) => profiles.findProfile(db, bearer, now),
};
