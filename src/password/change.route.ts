import * as z from 'zod';
import { secured } from '../http/endpoint.ts';
import { newPasswordField, passwordField, tokenFields } from '../http/fields.ts';
import { carry, transportHeader, transportOf } from '../http/transport.ts';
import { changePassword } from './change.ts';

export const changePasswordRoute = secured(
  {
    method: 'post',
    path: '/change-password',
    message: 'The password is changed and all other sessions have ended.',
    headers: transportHeader,
    get body() {
      return z.strictObject({ currentPassword: passwordField, newPassword: newPasswordField });
    },
    get data() {
      return z.object({ ...tokenFields, deviceToken: z.string().optional() });
    },
    refusals: ['wrong_password', 'password_blocked', 'login_locked', 'overloaded'],
    limits: ['confirm', 'accountSession'],
  },
  async (deps, caller, bearer, body, { context }) => {
    const transport = transportOf(context);
    return carry(context, transport, await changePassword(deps, caller, bearer, { ...body, transport }));
  },
);
