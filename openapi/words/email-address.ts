import { EXAMPLE } from './example.ts';
import type { Group } from './words.ts';

export const emailAddress = {
  name: 'Email address',
  description: 'From one proven address to another, with a way back.',
  operations: {
    'POST /change-email': {
      operationId: 'changeEmail',
      summary: 'Ask for another address',
      description:
        'Asks for the current password. A code goes to the new address, a notice with a link to cancel to the old one; ' +
        'nothing changes until change-email/confirm. A newer request replaces an older one. The answer is the same when ' +
        'the new address has an account already; its owner is then told by mail.',
      requests: { address: { newEmail: EXAMPLE.newEmail, currentPassword: EXAMPLE.password } },
      answer: null,
    },
    'POST /change-email/confirm': {
      operationId: 'confirmEmailChange',
      summary: 'Prove the new address',
      description:
        'Takes the code mailed to the new address. The address changes, all other sessions end, links mailed to the old ' +
        'address are void, and both addresses are told; the old one can undo it for 72 hours. A code lives for 5 minutes and 5 tries; every failure looks the same.',
      requests: { code: { code: EXAMPLE.code } },
      answer: null,
    },
    'POST /change-email/cancel': {
      operationId: 'cancelEmailChange',
      summary: 'Cancel or undo a change of address',
      description:
        'Takes the token of the link that the old address got, and needs no login. A change that waits is cancelled. One ' +
        'that was made is undone for 72 hours: the old address is restored, every session ends, every device is forgotten ' +
        'and the password is off until the restored address resets it; both mailboxes are told, and a deletion that was ' +
        'asked for meanwhile is off. `outcome` says which; `none` when nothing waits and nothing can be undone any more. ' +
        'Opening the link alone changes nothing: the page behind it posts the token.',
      requests: { link: { token: EXAMPLE.linkToken } },
      answer: { outcome: 'cancelled' },
    },
  },
} satisfies Group;
