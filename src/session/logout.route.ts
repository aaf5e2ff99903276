import { z } from '@hono/zod-openapi';
import { open } from '../http/endpoint.ts';
import { refreshTokenField } from '../http/fields.ts';
import { clearBrowser, refreshTokenOf, transportOf } from '../http/transport.ts';
import { logout } from './logout.ts';

export const logoutRoute = open(
  {
    method: 'post',
    path: '/logout',
    summary: 'Log out',
    description:
      'Ends the session of the refresh token; its access tokens are refused here at once. Needs no live access ' +
      'token. An unknown or ended session is answered alike. With `X-Gatehouse-Transport: cookie` the body ' +
      'is `{}`, and the browser is told to forget what it holds.',
    message: 'Logged out.',
    body: z.strictObject({ refreshToken: refreshTokenField.optional() }),
    data: z.null(),
    refusals: [],
    limits: ['logout'],
  },
  async (deps, caller, body, { context }) => {
    const transport = transportOf(context);
    const refreshToken = refreshTokenOf(context, transport, body);
    if (refreshToken !== undefined) await logout(deps, caller, refreshToken);
    if (transport === 'cookie') clearBrowser(context);
    return null;
  },
);
