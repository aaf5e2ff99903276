import { z } from '@hono/zod-openapi';
import { open, secured } from '../http/endpoint.ts';
import { codeField, emailField, linkTokenField, passwordField } from '../http/fields.ts';
import { changeEmail, confirmChange, takeBackChange } from './change-email.ts';

export const changeEmailRoute = secured(
  {
    method: 'post',
    path: '/change-email',
    summary: 'Ask for another address',
    description:
      'Asks for the current password. A code goes to the new address, a notice with a link to cancel to the old one; ' +
      'nothing changes until change-email/confirm. A newer request replaces an older one. The answer is the same when ' +
      'the new address has an account already; its owner is then told by mail.',
    message: 'A code is on its way to the new address.',
    body: z.strictObject({ newEmail: emailField, currentPassword: passwordField }),
    data: z.null(),
    refusals: ['wrong_password', 'login_locked', 'overloaded'],
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
    summary: 'Prove the new address',
    description:
      'Takes the code mailed to the new address. The address changes, all other sessions end, links mailed to the old ' +
      'address are void, and both addresses are told; the old one can undo it for 72 hours. A code lives for 5 minutes and 5 tries; every failure looks the same.',
    message: 'Your address is changed and all other sessions have ended.',
    body: z.strictObject({ code: codeField }),
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
    summary: 'Cancel or undo a change of address',
    description:
      'Takes the token of the link that the old address got, and needs no login. A change that waits is cancelled. One ' +
      'that was made is undone for 72 hours: the old address is restored, every session ends, every device is forgotten ' +
      'and the password is off until the restored address resets it; both mailboxes are told, and a deletion that was ' +
      'asked for meanwhile is off. `outcome` says which; `none` when nothing waits and nothing can be undone any more. ' +
      'Opening the link alone changes nothing: the page behind it posts the token.',
    message: 'If the change could still be taken back, it is.',
    body: z.strictObject({ token: linkTokenField }),
    data: z.object({ outcome: z.enum(['cancelled', 'undone', 'none']) }),
    refusals: ['invalid_code'],
    limits: ['reset'],
  },
  async (deps, caller, body) => ({ outcome: await takeBackChange(deps, caller, body) }),
);
