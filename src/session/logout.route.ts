import { z } from '@hono/zod-openapi';
import { open } from '../http/endpoint.ts';
import { refreshTokenField } from '../http/fields.ts';
import { logout } from './logout.ts';

export const logoutRoute = open(
  {
    method: 'post',
    path: '/logout',
    summary: 'Log out',
    description:
      'Ends the session of the refresh token; its access tokens are refused here at once. Needs no live access ' +
      'token. An unknown or ended session is answered alike.',
    message: 'Logged out.',
    body: z.strictObject({ refreshToken: refreshTokenField }),
    data: z.null(),
    refusals: [],
    limits: ['logout'],
  },
  async (deps, caller, { refreshToken }) => {
    await logout(deps, caller, refreshToken);
    return null;
  },
);
