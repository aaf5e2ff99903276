import { z } from '@hono/zod-openapi';
import { open } from '../http/endpoint.ts';
import { deviceTokenField, refreshTokenField, tokenFields } from '../http/fields.ts';
import { carry, deviceTokenOf, refreshTokenOf, transportOf } from '../http/transport.ts';
import { Refusal } from '../refusal.ts';
import { refresh } from './refresh.ts';

export const refreshRoute = open(
  {
    method: 'post',
    path: '/refresh',
    summary: 'Refresh the tokens',
    description:
      'Replaces the refresh token and gives a new access token. A client whose answer got lost, and tabs that refresh at ' +
      'the same time, may show the token again: for 10 seconds they get the same successor, and after that, on the device ' +
      'that logged in, another one, so nobody is logged out. For that send the `deviceToken` of the login along, and give ' +
      'up waiting for an answer after 8 seconds. Any older token, and one shown without its device, ends the session, and ' +
      'its owner is told by mail. With `X-Gatehouse-Transport: cookie` the body is `{}` and the tokens come and go in ' +
      'cookies.',
    message: 'Refreshed.',
    body: z.strictObject({
      refreshToken: refreshTokenField.optional(),
      deviceToken: deviceTokenField.optional(),
    }),
    data: z.object(tokenFields),
    refusals: ['invalid_refresh_token'],
    limits: ['refresh'],
  },
  async (deps, caller, body, { context }) => {
    const transport = transportOf(context);
    const refreshToken = refreshTokenOf(context, transport, body);
    if (refreshToken === undefined) throw new Refusal('invalid_refresh_token', { reason: 'no_cookie' });
    const deviceToken = deviceTokenOf(context, transport, body);
    return carry(context, transport, await refresh(deps, caller, { refreshToken, deviceToken, transport }));
  },
);
