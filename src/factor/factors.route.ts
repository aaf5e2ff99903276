import * as z from 'zod';
import { secured } from '../http/endpoint.ts';
import { codeField, idField, instantField, ticketField } from '../http/fields.ts';
import { sessionEnded } from '../refusal.ts';
import { owesSecondFactor } from '../session/owing.ts';
import { listFactors } from '../store/own-factors.ts';
import { OF_PROOF, proofBody, shownAppFields } from './answer.route.ts';
import { beginEnrolment, confirmEnrolment } from './enrol.ts';
import { removeApp, renewRecoveryCodes } from './factors.ts';

export const listFactorsRoute = secured(
  {
    method: 'get',
    path: '/factors',
    message: 'Your second factors.',
    get data() {
      return z.object({
        mfaRequired: z.boolean(),
        totp: z.object({ createdAt: instantField }).nullable(),
        recoveryCodes: z.object({ left: z.int(), createdAt: instantField }).nullable(),
        passkeys: z.array(
          z.object({
            id: idField,
            name: z.string(),
            isSynced: z.boolean(),
            createdAt: instantField,
            lastUsedAt: instantField.nullable(),
          }),
        ),
      });
    },
    refusals: [],
    limits: ['account', 'accountSession'],
  },
  async (deps, _caller, bearer) => {
    const own = await listFactors(deps.db, bearer, deps.now());
    if (own === undefined) throw sessionEnded();
    const { factors, totpAddedAt, codesMadeAt, passkeys } = own;
    return {
      mfaRequired: owesSecondFactor(deps.config, factors),
      totp: totpAddedAt && { createdAt: totpAddedAt.toISOString() },
      recoveryCodes: codesMadeAt && { left: factors.recoveryCodes, createdAt: codesMadeAt.toISOString() },
      passkeys: passkeys.map(({ createdAt, lastUsedAt, ...rest }) => ({
        ...rest,
        createdAt: createdAt.toISOString(),
        lastUsedAt: lastUsedAt?.toISOString() ?? null,
      })),
    };
  },
);

export const beginTotpRoute = secured(
  {
    method: 'post',
    path: '/factors/totp',
    message: 'Scan the picture with an authenticator app, and confirm with its code.',
    body: proofBody,
    get data() {
      return shownAppFields();
    },
    refusals: OF_PROOF,
    limits: ['confirm', 'accountSession'],
  },
  (deps, caller, bearer, { proof }) => beginEnrolment(deps, caller, bearer, proof),
);

export const confirmTotpRoute = secured(
  {
    method: 'post',
    path: '/factors/totp/confirm',
    message: 'From now on a login needs a code of your app.',
    get body() {
      return z.strictObject({ ticket: ticketField, code: codeField });
    },
    get data() {
      return z.object({ recoveryCodes: z.array(z.string()).nullable() });
    },
    refusals: ['invalid_ticket', 'wrong_second_factor'],
    limits: ['confirm', 'accountSession'],
  },
  (deps, caller, bearer, body) => confirmEnrolment(deps, caller, bearer, body),
);

export const removeTotpRoute = secured(
  {
    method: 'delete',
    path: '/factors/totp',
    message: 'The authenticator app is removed and all other sessions have ended.',
    body: proofBody,
    data: z.null(),
    refusals: [...OF_PROOF, 'not_found'],
    limits: ['confirm', 'accountSession'],
  },
  async (deps, caller, bearer, { proof }) => {
    await removeApp(deps, caller, bearer, proof);
    return null;
  },
);

export const renewRecoveryRoute = secured(
  {
    method: 'post',
    path: '/factors/recovery-codes',
    message: 'New recovery codes. The old ones are void.',
    body: proofBody,
    get data() {
      return z.object({ recoveryCodes: z.array(z.string()) });
    },
    refusals: [...OF_PROOF, 'not_found'],
    limits: ['confirm', 'accountSession'],
  },
  async (deps, caller, bearer, { proof }) => ({
    recoveryCodes: await renewRecoveryCodes(deps, caller, bearer, proof),
  }),
);
