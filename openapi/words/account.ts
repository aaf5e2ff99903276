import { EXAMPLE } from './example.ts';
import type { Group } from './words.ts';

export const account = {
  name: 'Account',
  description: 'The data of a person, their history, and its deletion.',
  operations: {
    'GET /me': {
      operationId: 'getMe',
      summary: 'Read the own account',
      description:
        'The account of the bearer. When its session has ended, the request is refused at once, even if the ' +
        'access token has not expired.',
      answer: EXAMPLE.user,
    },
    'PATCH /me': {
      operationId: 'renameMe',
      summary: 'Change the own name',
      description: 'Only the name is changed here. Address and password have their own endpoints.',
      requests: { name: { name: EXAMPLE.name } },
      answer: EXAMPLE.user,
    },
    'DELETE /me': {
      operationId: 'deleteMe',
      summary: 'Delete the own account',
      description:
        'Asks for the password, and for a second factor where one is owed (`second_factor_required`; a trusted device ' +
        'does not count), or for the ticket of a step-up. Account, sessions and tokens are deleted at once and for good. Security events ' +
        'are kept, but no longer say whose they were. A last mail confirms the deletion. There is one exception: ' +
        'while a change of address can still be undone from the old mailbox (72 hours), the account is only ' +
        'closed. It is erased at `erasedAt`, both mailboxes are told, and an undo opens it again.',
      requests: {
        password: { password: EXAMPLE.password },
        secondFactor: { password: EXAMPLE.password, secondFactor: { code: EXAMPLE.code } },
        stepUp: { stepUp: EXAMPLE.ticket },
      },
      answer: { erasedAt: EXAMPLE.instant },
    },
    'GET /me/export': {
      operationId: 'exportMe',
      summary: 'Export all data of the own account',
      description:
        'Account, sessions, security events, mails and open requests, as JSON. The only things left out are those ' +
        'that serve to check a secret: the password hash and MACs.',
      answer: {
        account: {
          ...EXAMPLE.user,
          locale: 'en',
          emailVerifiedAt: EXAMPLE.earlier,
          passwordChangedAt: EXAMPLE.earlier,
          externalSource: null,
          externalId: null,
        },
        sessions: [],
        events: [],
        mails: [],
        addressChanges: [],
        addressUndos: [],
        secondFactors: { mfaRequired: false, totp: null, recoveryCodes: null },
        passkeys: [],
        passwordResets: [],
      },
    },
    'GET /events': {
      operationId: 'listEvents',
      summary: 'Read the own security history',
      description:
        'What happened to the account, newest first: logins, failures and changes, each with the address and the ' +
        'device of the client. For the next page, send `nextCursor` as `cursor`. It is null on the last page.',
      answer: {
        events: [
          {
            id: EXAMPLE.id,
            at: EXAMPLE.instant,
            kind: 'login.success',
            outcome: 'success',
            client: '203.0.113.7',
            device: 'Firefox on Mac',
          },
        ],
        nextCursor: null,
      },
    },
  },
} satisfies Group;
