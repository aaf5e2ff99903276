import { z } from '@hono/zod-openapi';
import { open } from '../http/endpoint.ts';
import { refreshTokenField, tokenFields } from '../http/fields.ts';
import { refresh } from './refresh.ts';

export const refreshRoute = open(
  {
    method: 'post',
    path: '/refresh',
    summary: 'Refresh the tokens',
    description:
      'Replaces the refresh token and gives a new access token. Tabs that refresh at the same time get the same ' +
      'successor for 10 seconds; any older token ends the session and its owner is told by mail.',
    message: 'Refreshed.',
    body: z.strictObject({ refreshToken: refreshTokenField }),
    data: z.object(tokenFields),
    refusals: ['invalid_refresh_token'],
    limits: ['refresh'],
  },
  (deps, caller, { refreshToken }) => refresh(deps, caller, refreshToken),
);
