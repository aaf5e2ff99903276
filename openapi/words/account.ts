import { EXAMPLE } from './example.ts';
import type { Group } from './words.ts';

export const account = {
  name: 'Account',
  description: 'What belongs to a person: their data, their history, and the right to be forgotten.',
  operations: {
    'GET /me': {
      operationId: 'getMe',
      summary: 'Read the own account',
      description:
        'The account of the bearer. A session that has ended is refused at once, whatever its token says.',
      answer: EXAMPLE.user,
    },
    'PATCH /me': {
      operationId: 'renameMe',
      summary: 'Change the own name',
      description:
        'The name is the only field that is changed here; address and password have their own endpoints.',
      requests: { name: { name: EXAMPLE.name } },
      answer: EXAMPLE.user,
    },
    'DELETE /me': {
      operationId: 'deleteMe',
      summary: 'Delete the own account',
      description:
        'Asks for the password. Account, sessions and tokens are gone at once and for good; security events are kept ' +
        'without anything that says whose they were, and a farewell is mailed. While a change of address can still be ' +
        'undone from the old mailbox (72 hours), the account is closed at once and erased at `erasedAt`; both mailboxes ' +
        'are told, and an undo brings it back.',
      requests: { password: { password: EXAMPLE.password } },
      answer: { erasedAt: EXAMPLE.instant },
    },
    'GET /me/export': {
      operationId: 'exportMe',
      summary: 'Export all that is held about oneself',
      description:
        'Account, sessions, security events, mails and open requests, as JSON. Left out is only what serves to ' +
        'recognise a secret: password hash and MACs.',
      answer: {
        account: {
          ...EXAMPLE.user,
          locale: 'en',
          emailVerifiedAt: EXAMPLE.earlier,
          passwordChangedAt: EXAMPLE.earlier,
        },
        sessions: [],
        events: [],
        mails: [],
        addressChanges: [],
        addressUndos: [],
        passwordResets: [],
      },
    },
    'GET /events': {
      operationId: 'listEvents',
      summary: 'Read the own security history',
      description:
        'What happened to the account, newest first: logins, failures, changes, each with the client address and the ' +
        'device it came from. For the next page send `nextCursor` as `cursor`; it is null on the last one.',
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
