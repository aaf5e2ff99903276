import { EXAMPLE } from './example.ts';
import type { Group } from './words.ts';

export const signUp = {
  name: 'Sign-up',
  description: 'From a name and an address to a proven account.',
  operations: {
    'POST /signup': {
      operationId: 'signUp',
      summary: 'Sign up',
      description:
        'Starts a sign-up and mails a 6-digit code and a link to the address. The answer is the same when the address ' +
        'already has an account; its owner is then told by mail, once a day. Keep `id`: verify-email asks for it. When four ' +
        'codes were mailed to the address in a day, no more are: a link that is in the mailbox already proves the address.',
      requests: { person: { name: EXAMPLE.name, email: EXAMPLE.email, password: EXAMPLE.password } },
      answer: { id: EXAMPLE.id },
    },
    'POST /verify-email': {
      operationId: 'verifyEmail',
      summary: 'Prove the email address',
      description:
        'Takes the mailed code with the id of the sign-up, or the token of a mailed link with that id or with the ' +
        'password of the sign-up. Any link that was mailed to the address in the last day will do, also one that somebody ' +
        "else's sign-up has caused: it proves the address, and id or password say whose sign-up. The one that is proven " +
        'first becomes the account; log in next. An address that a change of address can still be taken back to stays ' +
        'reserved until then. A code lives for 5 minutes and 5 tries, a link takes 5 tries of a ' +
        'password; every failure looks the same. Sent again, because its answer was lost, a proof that was right is answered ' +
        'alike for as long as it lives.',
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
        'Mails a new code for an open sign-up; the code before it is void, tries already made still count. At most four ' +
        'codes a day are mailed to one address: past that use a link that was mailed. The answer is the same when there is ' +
        'no such sign-up, or nothing is mailed.',
      requests: { signUp: { id: EXAMPLE.id } },
      answer: null,
    },
  },
} satisfies Group;
