/** One call of each verb of second factors (store-verbs.ts). */
import { randomUUID } from 'node:crypto';
import type { Db } from '../src/store/db.ts';
import * as failures from '../src/store/factor-failures.ts';
import * as factorLogins from '../src/store/factor-logins.ts';
import * as freshProofs from '../src/store/fresh-proof.ts';
import * as enrolments from '../src/store/login-enrolments.ts';
import * as ownFactors from '../src/store/own-factors.ts';
import * as ownPasskeys from '../src/store/own-passkeys.ts';
import * as passkeyLogins from '../src/store/passkey-logins.ts';
import * as proofs from '../src/store/proof.ts';
import * as recoveryCodes from '../src/store/recovery-codes.ts';
import * as stepUps from '../src/store/step-ups.ts';
import * as totpFactors from '../src/store/totp-factors.ts';
import {
  bearer,
  caller,
  challenge,
  code,
  confirmation,
  counters,
  now,
  proof,
  recipientKeys,
  spends,
} from './store-samples.ts';

const known = counters.map((counter) => ({ ...counter, forKnown: true }));
const byCode = { ...confirmation, counters: known, spend: spends.code };
const byRecovery = { ...confirmation, counters: [], spend: spends.recovery };
const byTicket = { ...confirmation, counters: [], spend: { method: 'ticket' as const, id: randomUUID() } };
const used = { id: randomUUID(), counter: 0, isBackedUp: true, at: now };
const byPasskey = { ...confirmation, counters: [], spend: { method: 'passkey' as const, used } };
const credentialId = new Uint8Array(32);
const codes = { setId: randomUUID(), keyId: 'k1' };

export const factorVerbs: Record<string, (db: Db) => Promise<unknown>> = {
  withholdSession: (db) => proofs.withholdSession(db, proof, 0),
  beginFactorLogin: (db) => factorLogins.beginFactorLogin(db, challenge, known, credentialId, now),
  recordFactorFailure: (db) =>
    failures.recordFactorFailure(db, challenge, { reason: 'wrong_code', inARow: 50 }, caller, now),
  recordProofFailure: (db) => failures.recordProofFailure(db, bearer, 'wrong_code', caller, now),
  acceptProof: (db) => freshProofs.acceptProof(db, byRecovery, caller, now),
  listFactors: (db) => ownFactors.listFactors(db, bearer, now),
  addTotp: (db) =>
    totpFactors.addTotp(
      db,
      { ...bearer, passwordChangedAt: now, mfaEpoch: 0, sealed: spends.code.resealed, step: 1 },
      codes,
      caller,
      now,
    ),
  removeTotp: (db) => totpFactors.removeTotp(db, byRecovery, false, caller, now),
  withholdForEnrolment: (db) =>
    enrolments.withholdForEnrolment(
      db,
      proof,
      0,
      { id: randomUUID(), userId: bearer.userId, code, recipientKey: recipientKeys[0] },
      caller,
      now,
    ),
  takeEnrolmentCode: (db) =>
    enrolments.takeEnrolmentCode(
      db,
      { ...challenge, id: randomUUID() },
      { codeMacs: [code.mac], maxTries: 5 },
      caller,
      now,
    ),
  findPasskeyOwner: (db) => passkeyLogins.findPasskeyOwner(db, credentialId),
  recordPasskeyFailure: (db) =>
    passkeyLogins.recordPasskeyFailure(db, bearer.userId, 'counter_back', caller, now),
  beginRegistration: (db) => ownPasskeys.beginRegistration(db, byTicket, new Uint8Array(64), caller, now),
  addPasskey: (db) =>
    ownPasskeys.addPasskey(
      db,
      {
        ...{ ...bearer, id: randomUUID(), passwordChangedAt: now, mfaEpoch: 0, rpId: 'localhost' },
        ...{ credentialId, publicKey: new Uint8Array(77), counter: 0, transports: [], aaguid: randomUUID() },
        ...{ isBackupEligible: true, isBackedUp: true, name: 'x' },
      },
      caller,
      now,
    ),
  renamePasskey: (db) => ownPasskeys.renamePasskey(db, bearer, { id: randomUUID(), name: 'x' }, caller, now),
  removePasskey: (db) => ownPasskeys.removePasskey(db, byTicket, randomUUID(), caller, now),
  recordStepUp: (db) => stepUps.recordStepUp(db, byPasskey, randomUUID(), caller, now),
  replaceRecoveryCodes: (db) => recoveryCodes.replaceRecoveryCodes(db, byCode, codes, caller, now),
};
