import { z } from '@hono/zod-openapi';
import { secured } from '../http/endpoint.ts';
import { newPasswordField, passwordField } from '../http/fields.ts';
import { changePassword } from './change.ts';

export const changePasswordRoute = secured(
  {
    method: 'post',
    path: '/change-password',
    summary: 'Change the password',
    description:
      'Asks for the current password. Every other session ends, this one goes on; known devices are forgotten, reset ' +
      'links are void, and a notice is mailed. A wrong current password is 403 `wrong_password`, never 401: the ' +
      'access token is fine.',
    message: 'The password is changed and all other sessions have ended.',
    body: z.strictObject({ currentPassword: passwordField, newPassword: newPasswordField }),
    data: z.null(),
    refusals: ['wrong_password', 'overloaded'],
  },
  async (deps, caller, bearer, body) => {
    await changePassword(deps, caller, bearer, body);
    return null;
  },
);
