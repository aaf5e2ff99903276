import * as z from 'zod';
import { open } from '../http/endpoint.ts';
import { deviceTokenField, refreshTokenField, tokenFields } from '../http/fields.ts';
import { carry, deviceTokenOf, refreshTokenOf, transportHeader, transportOf } from '../http/transport.ts';
import { refresh } from './refresh.ts';

export const refreshRoute = open(
  {
    method: 'post',
    path: '/refresh',
    message: 'Refreshed.',
    headers: transportHeader,
    get body() {
      return z.strictObject({
        refreshToken: refreshTokenField.optional(),
        deviceToken: deviceTokenField.optional(),
      });
    },
    get data() {
      return z.union([z.object(tokenFields), z.object({ session: z.null() })]);
    },
    refusals: ['invalid_refresh_token'],
    limits: ['refresh'],
  },
  async (deps, caller, body, { context }) => {
    const transport = transportOf(context);
    const refreshToken = refreshTokenOf(context, transport, body);
    // A page that asks whether somebody is logged in: that nobody is, is an answer. A cookie that is no good stays a refusal.
    if (refreshToken === undefined) return { session: null };
    const deviceToken = deviceTokenOf(context, transport, body);
    return carry(context, transport, await refresh(deps, caller, { refreshToken, deviceToken, transport }));
  },
);
