import { z } from '@hono/zod-openapi';
import { open } from '../http/endpoint.ts';
import { deviceTokenField, refreshTokenField } from '../http/fields.ts';
import { deviceTokenOf, endCookies, refreshTokenOf, transportOf } from '../http/transport.ts';
import { logout } from './logout.ts';

export const logoutRoute = open(
  {
    method: 'post',
    path: '/logout',
    summary: 'Log out',
    description:
      'Ends the session of the refresh token; its access tokens are refused here at once. Needs no live access ' +
      'token. An unknown or ended session is answered alike; a token that a refresh would take for stolen ends its session ' +
      'as stolen, here as well. With `X-Gatehouse-Transport: cookie` no token stands in the ' +
      'body, and the cookie `__Host-refresh` ends. The device stays known, so that a later login here is no new device ' +
      "and is not held up by strangers; on somebody else's computer send `forgetDevice: true`, which ends the cookie " +
      '`__Host-device` as well. A client that keeps its `deviceToken` itself forgets the device by dropping it.',
    message: 'Logged out.',
    body: z.strictObject({
      refreshToken: refreshTokenField.optional(),
      deviceToken: deviceTokenField.optional(),
      forgetDevice: z
        .boolean()
        .optional()
        .openapi({ description: 'With cookies: whether the device cookie ends, too. By default it stays.' }),
    }),
    data: z.null(),
    refusals: [],
    limits: ['logout'],
  },
  async (deps, caller, body, { context }) => {
    const transport = transportOf(context);
    const refreshToken = refreshTokenOf(context, transport, body);
    const deviceToken = deviceTokenOf(context, transport, body);
    if (refreshToken !== undefined) await logout(deps, caller, { refreshToken, deviceToken, transport });
    if (transport === 'cookie') endCookies(context, body.forgetDevice ? ['refresh', 'device'] : ['refresh']);
    return null;
  },
);
