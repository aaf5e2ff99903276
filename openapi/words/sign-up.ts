import { EXAMPLE } from './example.ts';
import type { Group } from './words.ts';

export const signUp = {
  name: 'Sign-up',
  description: 'Sign up, and prove the address.',
  operations: {
    'POST /signup': {
      operationId: 'signUp',
      summary: 'Sign up',
      description:
        'Starts a sign-up, and mails a 6-digit code and a link to the address. The answer is the same when the ' +
        'address has an account already; the owner is then told by mail, once a day. Keep the `id`, since ' +
        'verify-email needs it. At most four codes a day are mailed to one address. After that, a link that is in ' +
        'the mailbox still proves the address.',
      requests: { person: { name: EXAMPLE.name, email: EXAMPLE.email, password: EXAMPLE.password } },
      answer: { id: EXAMPLE.id },
    },
    'POST /verify-email': {
      operationId: 'verifyEmail',
      summary: 'Prove the email address',
      description:
        'Takes the mailed code with the id of the sign-up. Or it takes the token of a mailed link, with that id ' +
        'or with the password of the sign-up. Every link that was mailed to the address in the last day works, ' +
        'even if the sign-up of somebody else caused it: the link proves the address, and the id or password says ' +
        'which sign-up is meant. The sign-up that is proven first becomes the account. Log in next. While a ' +
        'change of address can be undone, its old address is reserved. A code works for 5 minutes and 5 tries, ' +
        'and a link takes 5 tries of a password. Every failure has the same answer. If the answer was lost, send ' +
        'the same proof again: a right one gets the same answer until it expires.',
      requests: {
        code: { id: EXAMPLE.id, code: EXAMPLE.code },
        link: { token: EXAMPLE.linkToken, id: EXAMPLE.id },
        linkElsewhere: { token: EXAMPLE.linkToken, password: EXAMPLE.password },
      },
      answer: null,
    },
    'POST /verify-email/resend': {
      operationId: 'resendVerification',
      summary: 'Mail a new code',
      description:
        'Mails a new code for an open sign-up. The old code becomes void, and the tries already made still count. ' +
        'At most four codes a day are mailed to one address. After that, use a link that was mailed. The answer ' +
        'is the same when there is no such sign-up and when nothing is mailed.',
      requests: { signUp: { id: EXAMPLE.id } },
      answer: null,
    },
  },
} satisfies Group;
