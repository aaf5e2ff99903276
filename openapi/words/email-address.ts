import { EXAMPLE } from './example.ts';
import type { Group } from './words.ts';

export const emailAddress = {
  name: 'Email address',
  description: 'Change the address, and undo the change.',
  operations: {
    'POST /change-email': {
      operationId: 'changeEmail',
      summary: 'Ask for another address',
      description:
        'Asks for the current password. A code is mailed to the new address, and a notice with a link that ' +
        'cancels the change to the old one. Nothing changes before change-email/confirm. A newer request replaces ' +
        'an older one. The answer is the same when the new address has an account already; the owner of that ' +
        'account is told by mail.',
      requests: { address: { newEmail: EXAMPLE.newEmail, currentPassword: EXAMPLE.password } },
      answer: null,
    },
    'POST /change-email/confirm': {
      operationId: 'confirmEmailChange',
      summary: 'Prove the new address',
      description:
        'Takes the code that was mailed to the new address. The address changes, all other sessions end, and ' +
        'links mailed to the old address become void. Both addresses are told by mail, and the old one can undo ' +
        'the change for 72 hours. A code works for 5 minutes and 5 tries. Every failure has the same answer.',
      requests: { code: { code: EXAMPLE.code } },
      answer: null,
    },
    'POST /change-email/cancel': {
      operationId: 'cancelEmailChange',
      summary: 'Cancel or undo a change of address',
      description:
        'Takes the token of the link that was mailed to the old address. No login is needed. A waiting change is ' +
        'cancelled. A change that was made can be undone for 72 hours. The old address is then restored, every ' +
        'session ends, every device is forgotten, and no password works until the restored address resets it. A ' +
        'deletion that was requested in between is called off, and both mailboxes are told. `outcome` says what ' +
        'was done; `none` means that there is nothing to cancel or undo any more. Opening the link alone changes ' +
        'nothing: its page posts the token.',
      requests: { link: { token: EXAMPLE.linkToken } },
      answer: { outcome: 'cancelled' },
    },
  },
} satisfies Group;
