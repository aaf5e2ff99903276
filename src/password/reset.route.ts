import { z } from '@hono/zod-openapi';
import { accountOfDevice } from '../guard/device.ts';
import { open } from '../http/endpoint.ts';
import { deviceTokenField, emailField, linkTokenField, newPasswordField } from '../http/fields.ts';
import { deviceTokenOf, transportOf } from '../http/transport.ts';
import { forgotPassword } from './forgot.ts';
import { resetPassword } from './reset.ts';

export const forgotPasswordRoute = open(
  {
    method: 'post',
    path: '/forgot-password',
    summary: 'Ask for a reset link',
    description:
      'Mails a link that is good for one hour and one use. While one is good, at most one more is mailed: to who asks from ' +
      'another network, or with the `deviceToken` of a login to the account (or its cookie, with ' +
      '`X-Gatehouse-Transport: cookie`); both are then good, until one of them is used. The answer is the same whether or ' +
      'not a link is mailed and the address has an account. The token stands in the fragment of the link: the page behind ' +
      'it posts it to reset-password, and opening the link alone changes nothing.',
    message: 'If the address has an account, a link to reset its password is on its way.',
    body: z.strictObject({ email: emailField, deviceToken: deviceTokenField.optional() }),
    data: z.null(),
    refusals: [],
    limits: ['forgot'],
    accountOf: (c, body) => {
      const { config, now } = c.get('deps');
      const token = deviceTokenOf(c, transportOf(c), body);
      return accountOfDevice(config.refreshTokenSecrets, token, body.email, now());
    },
  },
  async (deps, caller, { email, ...body }, { context }) => {
    const deviceToken = deviceTokenOf(context, transportOf(context), body);
    await forgotPassword(deps, caller, { email, deviceToken });
    return null;
  },
);

export const resetPasswordRoute = open(
  {
    method: 'post',
    path: '/reset-password',
    summary: 'Set a new password',
    description:
      'Takes the token of the mailed link and the new password. Every session of the account ends, every known device ' +
      'is forgotten, a waiting change of address is cancelled, and a notice is mailed. Log in next: no tokens are given. ' +
      'A password that is not acceptable leaves the link as it was. All other links that were mailed to the person are ' +
      'void. Sent again, because its answer was lost, the same request is answered alike for as long as the link would ' +
      'have lived.',
    message: 'The password is changed and every session has ended. Log in to go on.',
    body: z.strictObject({ token: linkTokenField, newPassword: newPasswordField }),
    data: z.null(),
    refusals: ['invalid_code', 'password_blocked', 'overloaded'],
    limits: ['reset'],
  },
  async (deps, caller, body) => {
    await resetPassword(deps, caller, body);
    return null;
  },
);
