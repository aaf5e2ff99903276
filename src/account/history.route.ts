import * as z from 'zod';
import { eventKinds } from '../event-kinds.ts';
import { secured } from '../http/endpoint.ts';
import { idField, instantField } from '../http/fields.ts';
import { history } from './history.ts';

export const historyRoute = secured(
  {
    method: 'get',
    path: '/events',
    message: 'Your security history.',
    get query() {
      return z.strictObject({
        limit: z
          .string()
          .regex(/^([1-9]\d?|100)$/, { error: 'must be a number from 1 to 100' })
          .default('20')
          .transform(Number),
        cursor: idField.optional(),
      });
    },
    get data() {
      return z.object({
        events: z.array(
          z.object({
            id: idField,
            at: instantField,
            kind: z.enum(eventKinds),
            outcome: z.enum(['success', 'failure']),
            client: z.string().nullable(),
            device: z.string().nullable(),
          }),
        ),
        nextCursor: idField.nullable(),
      });
    },
    refusals: [],
    limits: ['account', 'accountSession'],
  },
  (deps, _caller, bearer, _body, { query }) => history(deps, bearer, query),
);
