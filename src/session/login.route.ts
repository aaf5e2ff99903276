import * as z from 'zod';
import { open } from '../http/endpoint.ts';
import { deviceTokenField, emailField, passwordField } from '../http/fields.ts';
import { accountOfShownDevice } from '../http/shown-device.ts';
import { deviceTokenOf, heldRefreshToken, transportHeader, transportOf } from '../http/transport.ts';
import { loggedIn, loggedInFields, owingFields } from './logged-in.route.ts';
import { login } from './login.ts';

export const loginRoute = open(
  {
    method: 'post',
    path: '/login',
    message: 'Logged in.',
    headers: transportHeader,
    get body() {
      return z.strictObject({
        email: emailField,
        password: passwordField,
        deviceToken: deviceTokenField.optional(),
      });
    },
    get data() {
      return z.union([loggedInFields, owingFields]);
    },
    refusals: ['invalid_credentials', 'email_not_verified', 'login_locked', 'overloaded'],
    limits: ['loginBurst', 'login'],
  },
  async (deps, caller, body, { context, spendLimits }) => {
    const transport = transportOf(context);
    const deviceToken = deviceTokenOf(context, transport, body);
    const answer = await login(deps, caller, {
      ...body,
      transport,
      deviceToken,
      replaces: heldRefreshToken(context, transport),
      spendLimits,
    });
    return 'ticket' in answer ? answer : loggedIn(context, transport, answer);
  },
  { spendsLimits: true, accountOf: accountOfShownDevice },
);
