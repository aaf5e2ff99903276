import { z } from '@hono/zod-openapi';
import { secured } from '../http/endpoint.ts';
import { newPasswordField, passwordField, tokenFields } from '../http/fields.ts';
import { carry, transportOf } from '../http/transport.ts';
import { changePassword } from './change.ts';

export const changePasswordRoute = secured(
  {
    method: 'post',
    path: '/change-password',
    summary: 'Change the password',
    description:
      'Asks for the current password. Every other session ends, other devices are forgotten, reset links are void, and a ' +
      'notice is mailed. This session goes on with the tokens of the answer: its old refresh token and device token are ' +
      'worth nothing any more. They travel as those of its login do, so a page that logged in with ' +
      '`X-Gatehouse-Transport: cookie` sends it here, too. A wrong current password is 403 `wrong_password`, never 401: ' +
      'the access token is fine. A new password that equals the current one is refused. When the answer was lost, send ' +
      'the same request again: for ten minutes it is answered again.',
    message: 'The password is changed and all other sessions have ended.',
    body: z.strictObject({ currentPassword: passwordField, newPassword: newPasswordField }),
    data: z.object({ ...tokenFields, deviceToken: z.string().optional() }),
    refusals: ['wrong_password', 'password_blocked', 'login_locked', 'overloaded'],
    limits: ['confirm', 'accountSession'],
  },
  async (deps, caller, bearer, body, { context }) => {
    const transport = transportOf(context);
    return carry(context, transport, await changePassword(deps, caller, bearer, { ...body, transport }));
  },
);
