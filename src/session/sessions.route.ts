import { z } from '@hono/zod-openapi';
import { secured } from '../http/endpoint.ts';
import { deviceFields, idField, instantField } from '../http/fields.ts';
import { deviceName } from '../lib/device-name.ts';
import { Refusal, sessionEnded } from '../refusal.ts';
import { listSessions, revokeOtherSessions, revokeSession } from '../store/own-sessions.ts';

export const listSessionsRoute = secured(
  {
    method: 'get',
    path: '/sessions',
    summary: 'List the own sessions',
    description:
      'Where you are logged in, last used first. Device and browser are what the client said at login; the place is ' +
      'what Cloudflare makes of its address, and null where it does not know. `lastUsedAt` is rounded to five minutes ' +
      'and changes when these are over.',
    message: 'Your sessions.',
    body: undefined,
    data: z.object({
      sessions: z.array(
        z.object({
          id: idField,
          current: z.boolean().openapi({ description: 'Whether this request came in on it.' }),
          ...deviceFields,
          place: z.string().nullable().openapi({ example: 'Lisbon, PT' }),
          createdAt: instantField,
          lastUsedAt: instantField,
        }),
      ),
    }),
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
    summary: 'End one of the own sessions',
    description:
      "Its tokens are refused at once. Another person's session is answered like one that does not exist.",
    message: 'The session has ended.',
    body: undefined,
    params: z.object({ id: idField }),
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
    summary: 'End all other sessions',
    description: 'Every session but the one this request came in on. `ended` says how many there were.',
    message: 'All other sessions have ended.',
    body: undefined,
    data: z.object({ ended: z.int() }),
    refusals: [],
    limits: ['account', 'accountSession'],
  },
  async (deps, caller, bearer) => {
    const count = await revokeOtherSessions(deps.db, bearer, caller, deps.now());
    if (count === undefined) throw sessionEnded();
    return { ended: count };
  },
);
