import { z } from '@hono/zod-openapi';
import { open } from '../http/endpoint.ts';
import { refreshTokenField, tokenFields } from '../http/fields.ts';
import { carry, refreshTokenOf, transportOf } from '../http/transport.ts';
import { Refusal } from '../refusal.ts';
import { refresh } from './refresh.ts';

export const refreshRoute = open(
  {
    method: 'post',
    path: '/refresh',
    summary: 'Refresh the tokens',
    description:
      'Replaces the refresh token and gives a new access token. Tabs that refresh at the same time get the same ' +
      'successor for 10 seconds; any older token ends the session and its owner is told by mail. With ' +
      '`X-Gatehouse-Transport: cookie` the body is `{}` and the token comes and goes in the cookie `__Host-refresh`.',
    message: 'Refreshed.',
    body: z.strictObject({ refreshToken: refreshTokenField.optional() }),
    data: z.object(tokenFields),
    refusals: ['invalid_refresh_token'],
    limits: ['refresh'],
  },
  async (deps, caller, body, { context }) => {
    const transport = transportOf(context);
    const refreshToken = refreshTokenOf(context, transport, body);
    if (refreshToken === undefined) throw new Refusal('invalid_refresh_token', { reason: 'no_cookie' });
    return carry(context, transport, await refresh(deps, caller, refreshToken, transport));
  },
);
