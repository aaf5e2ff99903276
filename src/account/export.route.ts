import { z } from '@hono/zod-openapi';
import { secured } from '../http/endpoint.ts';
import { idField, instantField } from '../http/fields.ts';
import { sessionEnded } from '../refusal.ts';
import { exportAccount } from '../store/account-export.ts';

const text = z.string().nullable();
const instant = instantField.nullable();

/** Every column that says something about the person. */
const exportFields = z.object({
  account: z.object({
    id: idField,
    email: z.string(),
    name: z.string(),
    locale: z.string(),
    createdAt: instantField,
    emailVerifiedAt: instantField,
    passwordChangedAt: instantField,
  }),
  sessions: z.array(
    z.object({
      id: idField,
      client: text,
      userAgent: text,
      place: text,
      transport: z.string(),
      deviceId: idField.nullable(),
      amr: z.array(z.string()).openapi({ description: 'How you proved who you are (RFC 8176).' }),
      createdAt: instantField,
      lastUsedAt: instantField,
      expiresAt: instantField,
      endedAt: instant,
      endedBy: text,
    }),
  ),
  events: z.array(
    z.object({
      id: idField,
      at: instantField,
      kind: z.string(),
      sessionId: idField.nullable(),
      client: text,
      userAgent: text,
      requestId: text,
    }),
  ),
  mails: z.array(
    z.object({
      id: idField,
      kind: z.string(),
      status: z.string(),
      createdAt: instantField,
      finishedAt: instant,
    }),
  ),
  addressChanges: z.array(
    z.object({ email: z.string(), requestedAt: instantField, expiresAt: instantField }),
  ),
  addressUndos: z.array(z.object({ email: z.string(), changedAt: instantField, expiresAt: instantField })),
  passwordResets: z.array(
    z.object({ requestedAt: instantField, expiresAt: instantField, usedAt: instant, client: text }),
  ),
});

export const exportRoute = secured(
  {
    method: 'get',
    path: '/me/export',
    summary: 'Export all that is held about oneself',
    description:
      'Account, sessions, security events, mails and open requests, as JSON. Left out is only what serves to ' +
      'recognise a secret: password hash and MACs.',
    message: 'Everything held about you.',
    body: undefined,
    data: exportFields,
    refusals: [],
    limits: ['account', 'accountSession'],
  },
  async (deps, _caller, bearer) => {
    const found = await exportAccount(deps.db, bearer, deps.now());
    if (found === undefined) throw sessionEnded();
    return found as z.input<typeof exportFields>;
  },
);
