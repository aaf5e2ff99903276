import * as z from 'zod';
import { secondFactorField } from '../factor/answer.route.ts';
import { open, secured } from '../http/endpoint.ts';
import { codeField, emailField, linkTokenField, passwordField } from '../http/fields.ts';
import { cancelOrUndoChange, changeEmail, confirmChange } from './change-email.ts';

export const changeEmailRoute = secured(
  {
    method: 'post',
    path: '/change-email',
    message: 'A code is on its way to the new address.',
    get body() {
      return z.strictObject({
        newEmail: emailField,
        currentPassword: passwordField,
        secondFactor: secondFactorField.optional(),
      });
    },
    data: z.null(),
    refusals: [
      'wrong_password',
      'second_factor_required',
      'wrong_second_factor',
      'login_locked',
      'overloaded',
    ],
    limits: ['confirm', 'accountSession'],
  },
  async (deps, caller, bearer, body) => {
    await changeEmail(deps, caller, bearer, body);
    return null;
  },
);

export const confirmChangeRoute = secured(
  {
    method: 'post',
    path: '/change-email/confirm',
    message: 'Your address is changed and all other sessions have ended.',
    get body() {
      return z.strictObject({ code: codeField });
    },
    data: z.null(),
    refusals: ['invalid_code'],
    limits: ['confirm', 'accountSession'],
  },
  async (deps, caller, bearer, body) => {
    await confirmChange(deps, caller, bearer, body);
    return null;
  },
);

export const cancelChangeRoute = open(
  {
    method: 'post',
    path: '/change-email/cancel',
    message: 'If the change could still be cancelled or undone, it is now.',
    get body() {
      return z.strictObject({ token: linkTokenField });
    },
    get data() {
      return z.object({ outcome: z.enum(['cancelled', 'undone', 'none']) });
    },
    refusals: ['invalid_code'],
    limits: ['reset'],
  },
  async (deps, caller, body) => ({ outcome: await cancelOrUndoChange(deps, caller, body) }),
);
