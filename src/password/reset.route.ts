import * as z from 'zod';
import { open } from '../http/endpoint.ts';
import { deviceTokenField, emailField, linkTokenField, newPasswordField } from '../http/fields.ts';
import { accountOfShownDevice } from '../http/shown-device.ts';
import { deviceTokenOf, transportHeader, transportOf } from '../http/transport.ts';
import { forgotPassword } from './forgot.ts';
import { resetPassword } from './reset.ts';

export const forgotPasswordRoute = open(
  {
    method: 'post',
    path: '/forgot-password',
    message: 'If the address has an account, a link to reset its password is on its way.',
    headers: transportHeader,
    get body() {
      return z.strictObject({ email: emailField, deviceToken: deviceTokenField.optional() });
    },
    data: z.null(),
    refusals: [],
    limits: ['forgot'],
  },
  async (deps, caller, { email, ...body }, { context }) => {
    const deviceToken = deviceTokenOf(context, transportOf(context), body);
    await forgotPassword(deps, caller, { email, deviceToken });
    return null;
  },
  { accountOf: accountOfShownDevice },
);

export const resetPasswordRoute = open(
  {
    method: 'post',
    path: '/reset-password',
    message: 'The password is changed and every session has ended. Log in to go on.',
    get body() {
      return z.strictObject({ token: linkTokenField, newPassword: newPasswordField });
    },
    data: z.null(),
    refusals: ['invalid_code', 'password_blocked', 'overloaded'],
    limits: ['reset'],
  },
  async (deps, caller, body) => {
    await resetPassword(deps, caller, body);
    return null;
  },
);
