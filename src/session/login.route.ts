import { z } from '@hono/zod-openapi';
import { accountOfDevice } from '../guard/device.ts';
import { open } from '../http/endpoint.ts';
import { deviceTokenField, emailField, passwordField, profileFields, tokenFields } from '../http/fields.ts';
import { carry, deviceTokenOf, heldRefreshToken, transportOf } from '../http/transport.ts';
import { login } from './login.ts';

export const loginRoute = open(
  {
    method: 'post',
    path: '/login',
    summary: 'Log in',
    description:
      'Opens a session. A wrong password and an unknown address are answered alike. The right password of a sign-up ' +
      'whose address is not proven yet gives `email_not_verified` with the `id` that verify-email asks for. After 5 ' +
      'failures for one address, whether it has an account or not, a client is refused for 30 minutes with ' +
      '`login_locked`; failures of strangers, or what others in its network ask for, never hold up a device whose ' +
      '`deviceToken` comes along. Send that of the login before with the next one: a login without it counts as a new device, and its owner is ' +
      'told by mail. A browser sends `X-Gatehouse-Transport: cookie` from an allowed origin: refresh and device token ' +
      'are then `__Host-` cookies and stand in no body; a session never changes its transport. ' +
      'A login with cookies ends the session whose cookie it replaces.',
    message: 'Logged in.',
    body: z.strictObject({
      email: emailField,
      password: passwordField,
      deviceToken: deviceTokenField.optional(),
    }),
    data: z.object({ user: profileFields, ...tokenFields, deviceToken: z.string().optional() }),
    refusals: ['invalid_credentials', 'email_not_verified', 'login_locked', 'overloaded'],
    limits: ['loginBurst', 'login'],
    accountOf: (c, body) => {
      const { config, now } = c.get('deps');
      const token = deviceTokenOf(c, transportOf(c), body);
      return accountOfDevice(config.refreshTokenSecrets, token, body.email, now());
    },
  },
  async (deps, caller, body, { context }) => {
    const transport = transportOf(context);
    const deviceToken = deviceTokenOf(context, transport, body);
    const { user, ...tokens } = await login(deps, caller, {
      ...body,
      transport,
      deviceToken,
      replaces: heldRefreshToken(context, transport),
    });
    return {
      user: { ...user, createdAt: user.createdAt.toISOString() },
      ...carry(context, transport, tokens),
    };
  },
);
