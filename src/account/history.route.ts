import { z } from '@hono/zod-openapi';
import { secured } from '../http/endpoint.ts';
import { idField, instantField } from '../http/fields.ts';
import { history } from './history.ts';

export const historyRoute = secured(
  {
    method: 'get',
    path: '/events',
    summary: 'Read the own security history',
    description:
      'What happened to the account, newest first: logins, failures, changes, each with the client address and the ' +
      'device it came from. For the next page send `nextCursor` as `cursor`; it is null on the last one.',
    message: 'Your security history.',
    body: undefined,
    query: z.strictObject({
      limit: z
        .string()
        .regex(/^([1-9]\d?|100)$/, { error: 'must be a number from 1 to 100' })
        .default('20')
        .transform(Number)
        .openapi({ type: 'integer', minimum: 1, maximum: 100, default: 20 }),
      cursor: idField.optional().openapi({ description: 'The nextCursor of the page before.' }),
    }),
    data: z.object({
      events: z.array(
        z.object({
          id: idField,
          at: instantField,
          kind: z.string().openapi({ example: 'login.success' }),
          outcome: z.enum(['success', 'failure']),
          client: z.string().nullable().openapi({ example: '203.0.113.7' }),
          device: z.string().nullable().openapi({ example: 'Firefox on Mac' }),
        }),
      ),
      nextCursor: idField.nullable(),
    }),
    refusals: [],
    limits: ['account', 'accountSession'],
  },
  (deps, _caller, bearer, _body, { query }) => history(deps, bearer, query),
);
