import { EXAMPLE } from './example.ts';
import type { Group } from './words.ts';

export const password = {
  name: 'Password',
  description: 'The password: changed by its owner, or reset by a mailed link.',
  operations: {
    'POST /forgot-password': {
      operationId: 'forgotPassword',
      summary: 'Ask for a reset link',
      description:
        'Mails a link that works once, for one hour. While such a link is valid, at most one more is mailed. It ' +
        'is mailed when the request comes from another network, or from a known device. A known device sends the ' +
        '`deviceToken` of a login to the account (or its cookie, with `X-Gatehouse-Transport: cookie`). Both ' +
        'links are then valid until one of them is used. The answer is always the same, whether or not a link is ' +
        'mailed and the address has an account. The token is in the fragment of the link. Its page posts it to ' +
        'reset-password; opening the link alone changes nothing.',
      cookies: { takes: ['DeviceCookie'] },
      requests: { person: { email: EXAMPLE.email } },
      answer: null,
    },
    'POST /reset-password': {
      operationId: 'resetPassword',
      summary: 'Set a new password',
      description:
        'Takes the token of the mailed link and the new password. Every session of the account ends, every known ' +
        'device is forgotten, a waiting change of address is cancelled, and a notice is mailed. All other reset ' +
        'links become void. No tokens are returned: log in next. A password that is not allowed leaves the link ' +
        'valid. If the answer was lost, send the same request again: it gets the same answer until the link would ' +
        'have expired.',
      requests: { link: { token: EXAMPLE.linkToken, newPassword: EXAMPLE.newPassword } },
      answer: null,
    },
    'POST /change-password': {
      operationId: 'changePassword',
      summary: 'Change the password',
      description:
        'Asks for the current password. Every other session ends, other devices are forgotten, reset links become ' +
        'void, and a notice is mailed. This session continues with the tokens of the answer; its old refresh ' +
        'token and device token do not work any more. The new tokens travel as those of the login did: a page ' +
        'that logged in with `X-Gatehouse-Transport: cookie` sends the header here too. A wrong current password ' +
        'gets 403 `wrong_password` and never 401, because the access token is valid. A new password that equals ' +
        'the current one is refused. If the answer was lost, send the same request again within ten minutes.',
      cookies: { sets: true },
      requests: { passwords: { currentPassword: EXAMPLE.password, newPassword: EXAMPLE.newPassword } },
      answer: { ...EXAMPLE.tokens, deviceToken: EXAMPLE.deviceToken },
    },
  },
} satisfies Group;
