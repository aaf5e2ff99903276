import { z } from '@hono/zod-openapi';
import { open } from '../http/endpoint.ts';
import { emailField, linkTokenField, newPasswordField } from '../http/fields.ts';
import { forgotPassword } from './forgot.ts';
import { resetPassword } from './reset.ts';

export const forgotPasswordRoute = open(
  {
    method: 'post',
    path: '/forgot-password',
    summary: 'Ask for a reset link',
    description:
      'Mails a link that is good for one hour and one use; a newer request voids the older link. The answer is the ' +
      'same whether or not the address has an account. The token stands in the fragment of the link: the page behind ' +
      'it posts it to reset-password, and opening the link alone changes nothing.',
    message: 'If the address has an account, a link to reset its password is on its way.',
    body: z.strictObject({ email: emailField }),
    data: z.null(),
    refusals: [],
    limits: ['forgot'],
  },
  async (deps, caller, body) => {
    await forgotPassword(deps, caller, body);
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
      'A password that is not acceptable leaves the link as it was. Sent again, because its answer was lost, the same ' +
      'request is answered alike for as long as the link would have lived.',
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
