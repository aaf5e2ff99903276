import { EXAMPLE } from './example.ts';
import type { Group } from './words.ts';

export const password = {
  name: 'Password',
  description: 'The secret a person knows: asked for, changed, and set anew.',
  operations: {
    'POST /forgot-password': {
      operationId: 'forgotPassword',
      summary: 'Ask for a reset link',
      description:
        'Mails a link that is good for one hour and one use. While one is good, at most one more is mailed: to who asks from ' +
        'another network, or with the `deviceToken` of a login to the account (or its cookie, with ' +
        '`X-Gatehouse-Transport: cookie`); both are then good, until one of them is used. The answer is the same whether or ' +
        'not a link is mailed and the address has an account. The token stands in the fragment of the link: the page behind ' +
        'it posts it to reset-password, and opening the link alone changes nothing.',
      cookies: { takes: ['DeviceCookie'] },
      requests: { person: { email: EXAMPLE.email } },
      answer: null,
    },
    'POST /reset-password': {
      operationId: 'resetPassword',
      summary: 'Set a new password',
      description:
        'Takes the token of the mailed link and the new password. Every session of the account ends, every known device ' +
        'is forgotten, a waiting change of address is cancelled, and a notice is mailed. Log in next: no tokens are given. ' +
        'A password that is not acceptable leaves the link as it was. All other links that were mailed to the person are ' +
        'void. Sent again, because its answer was lost, the same request is answered alike for as long as the link would ' +
        'have lived.',
      requests: { link: { token: EXAMPLE.linkToken, newPassword: EXAMPLE.newPassword } },
      answer: null,
    },
    'POST /change-password': {
      operationId: 'changePassword',
      summary: 'Change the password',
      description:
        'Asks for the current password. Every other session ends, other devices are forgotten, reset links are void, and a ' +
        'notice is mailed. This session goes on with the tokens of the answer: its old refresh token and device token are ' +
        'worth nothing any more. They travel as those of its login do, so a page that logged in with ' +
        '`X-Gatehouse-Transport: cookie` sends it here, too. A wrong current password is 403 `wrong_password`, never 401: ' +
        'the access token is fine. A new password that equals the current one is refused. When the answer was lost, send ' +
        'the same request again: for ten minutes it is answered again.',
      cookies: { sets: true },
      requests: { passwords: { currentPassword: EXAMPLE.password, newPassword: EXAMPLE.newPassword } },
      answer: { ...EXAMPLE.tokens, deviceToken: EXAMPLE.deviceToken },
    },
  },
} satisfies Group;
