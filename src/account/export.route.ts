import * as z from 'zod';
import { transports } from '../caller.ts';
import { eventKinds } from '../event-kinds.ts';
import { secured } from '../http/endpoint.ts';
import { idField, instantField } from '../http/fields.ts';
import { sessionEnded } from '../refusal.ts';
import { exportAccount } from '../store/account-export.ts';
import { mailKinds } from '../store/mail-kinds.ts';
import { mailStates, sessionEndings } from '../store/states.ts';

const text = z.string().nullable();
const instant = instantField.nullable();

/** Every column that says something about the person. */
const exportFields = () =>
  z.object({
    account: z.object({
      id: idField,
      email: z.string(),
      name: z.string(),
      locale: z.string(),
      createdAt: instantField,
      emailVerifiedAt: instantField,
      passwordChangedAt: instantField,
      /** Of people who moved in from another system. */
      externalSource: text,
      externalId: text,
    }),
    sessions: z.array(
      z.object({
        id: idField,
        client: text,
        userAgent: text,
        place: text,
        transport: z.enum(transports),
        deviceId: idField.nullable(),
        amr: z.array(z.string()),
        createdAt: instantField,
        lastUsedAt: instantField,
        expiresAt: instantField,
        endedAt: instant,
        endedBy: z.enum(sessionEndings).nullable(),
      }),
    ),
    events: z.array(
      z.object({
        id: idField,
        at: instantField,
        kind: z.enum(eventKinds),
        sessionId: idField.nullable(),
        client: text,
        userAgent: text,
        requestId: text,
      }),
    ),
    mails: z.array(
      z.object({
        id: idField,
        kind: z.enum(mailKinds),
        status: z.enum(mailStates),
        createdAt: instantField,
        finishedAt: instant,
      }),
    ),
    addressChanges: z.array(
      z.object({ email: z.string(), requestedAt: instantField, expiresAt: instantField }),
    ),
    addressUndos: z.array(z.object({ email: z.string(), changedAt: instantField, expiresAt: instantField })),
    secondFactors: z.object({
      mfaRequired: z.boolean(),
      totp: z.object({ createdAt: instantField }).nullable(),
      recoveryCodes: z.object({ left: z.int(), createdAt: instantField }).nullable(),
    }),
    passkeys: z.array(
      z.object({
        name: z.string(),
        domain: z.string(),
        isSynced: z.boolean(),
        createdAt: instantField,
        lastUsedAt: instant,
      }),
    ),
    passwordResets: z.array(
      z.object({ requestedAt: instantField, expiresAt: instantField, usedAt: instant, client: text }),
    ),
  });

export const exportRoute = secured(
  {
    method: 'get',
    path: '/me/export',
    message: 'Everything held about you.',
    get data() {
      return exportFields();
    },
    refusals: [],
    limits: ['account', 'accountSession'],
  },
  async (deps, _caller, bearer) => {
    const found = await exportAccount(deps.db, bearer, deps.now());
    if (found === undefined) throw sessionEnded();
    return found as z.input<ReturnType<typeof exportFields>>;
  },
);
