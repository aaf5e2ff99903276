/** One call of each verb of second factors (store-verbs.ts). */
import { randomUUID } from 'node:crypto';
import type { Db } from '../src/store/db.ts';
import * as failures from '../src/store/factor-failures.ts';
import * as factorLogins from '../src/store/factor-logins.ts';
import * as freshProofs from '../src/store/fresh-proof.ts';
import * as ownFactors from '../src/store/own-factors.ts';
import * as proofs from '../src/store/proof.ts';
import * as recoveryCodes from '../src/store/recovery-codes.ts';
import * as totpFactors from '../src/store/totp-factors.ts';
import { bearer, caller, challenge, confirmation, counters, now, proof, spends } from './store-samples.ts';

const known = counters.map((counter) => ({ ...counter, forKnown: true }));
const byCode = { ...confirmation, counters: known, spend: spends.code };
const byRecovery = { ...confirmation, counters: [], spend: spends.recovery };
const codes = { setId: randomUUID(), keyId: 'k1' };

export const factorVerbs: Record<string, (db: Db) => Promise<unknown>> = {
  withholdSession: (db) => proofs.withholdSession(db, proof, 0),
  beginFactorLogin: (db) => factorLogins.beginFactorLogin(db, challenge, known, now),
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
  removeTotp: (db) => totpFactors.removeTotp(db, byRecovery, caller, now),
  replaceRecoveryCodes: (db) => recoveryCodes.replaceRecoveryCodes(db, byCode, codes, caller, now),
};
