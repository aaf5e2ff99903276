import * as z from 'zod';
import { open } from '../http/endpoint.ts';
import { deviceTokenField, refreshTokenField } from '../http/fields.ts';
import {
  deviceTokenOf,
  endCookies,
  refreshTokenOf,
  transportHeader,
  transportOf,
} from '../http/transport.ts';
import { logout } from './logout.ts';

export const logoutRoute = open(
  {
    method: 'post',
    path: '/logout',
    message: 'Logged out.',
    headers: transportHeader,
    get body() {
      return z.strictObject({
        refreshToken: refreshTokenField.optional(),
        deviceToken: deviceTokenField.optional(),
        forgetDevice: z.boolean().optional(),
      });
    },
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
