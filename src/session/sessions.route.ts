import * as z from 'zod';
import { secured } from '../http/endpoint.ts';
import { deviceFields, idField, instantField } from '../http/fields.ts';
import { deviceName } from '../lib/device-name.ts';
import { Refusal, sessionEnded } from '../refusal.ts';
import { listSessions, revokeOtherSessions, revokeSession } from '../store/own-sessions.ts';

export const listSessionsRoute = secured(
  {
    method: 'get',
    path: '/sessions',
    message: 'Your sessions.',
    get data() {
      return z.object({
        sessions: z.array(
          z.object({
            id: idField,
            current: z.boolean(),
            ...deviceFields,
            place: z.string().nullable(),
            createdAt: instantField,
            lastUsedAt: instantField,
          }),
        ),
      });
    },
    refusals: [],
    limits: ['account', 'accountSession'],
  },
  async (deps, _caller, bearer) => {
    const sessions = await listSessions(deps.db, bearer, deps.now());
    if (sessions.length === 0) throw sessionEnded();
    return {
      sessions: sessions.map(({ id, place, userAgent, createdAt, lastUsedAt }) => ({
        id,
        current: id === bearer.sessionId,
        ...deviceName(userAgent),
        place,
        createdAt: createdAt.toISOString(),
        lastUsedAt: lastUsedAt.toISOString(),
      })),
    };
  },
);

export const revokeSessionRoute = secured(
  {
    method: 'delete',
    path: '/sessions/:id',
    message: 'The session has ended.',
    get params() {
      return z.object({ id: idField });
    },
    data: z.null(),
    refusals: ['not_found'],
    limits: ['account', 'accountSession'],
  },
  async (deps, caller, bearer, _body, { params }) => {
    const outcome = await revokeSession(deps.db, bearer, params.id, caller, deps.now());
    if (outcome === 'gone') throw sessionEnded();
    if (outcome === 'unknown') throw new Refusal('not_found', { reason: 'no_such_session' });
    return null;
  },
);

export const revokeOtherSessionsRoute = secured(
  {
    method: 'delete',
    path: '/sessions',
    message: 'All other sessions have ended.',
    get data() {
      return z.object({ ended: z.int() });
    },
    refusals: [],
    limits: ['account', 'accountSession'],
  },
  async (deps, caller, bearer) => {
    const count = await revokeOtherSessions(deps.db, bearer, caller, deps.now());
    if (count === undefined) throw sessionEnded();
    return { ended: count };
  },
);
