/** The words of each act, and to whom it is offered. What it does is decided by the service. */
import type { Icon } from '../icons.ts';
import type { Shown } from './answers.ts';

export type Act = {
  name:
    | ('disable' | 'enable' | 'unlock' | 'logout' | 'reset' | 'resend' | 'remove-factor' | 'keep-factor')
    | ('delete' | 'export' | 'suppress' | 'unsuppress');
  icon: Icon;
  /** On the button that leads to the dialog, and on the one in it. */
  words: string;
  hint: string;
  busy: string;
  question: (who: string) => string;
  /** What will happen. */
  effects: string[];
  after?: string;
  isLoss?: boolean;
  done: string;
  isFor: (person: Shown) => boolean;
};

const hasFactor = ({ factors }: Shown) => factors.authenticatorSince !== null || factors.passkeys.length > 0;
const isActive = ({ account }: Shown) => account.state === 'active';

export const acts: Act[] = [
  {
    name: 'unlock',
    icon: 'clock',
    words: 'Lift the pause',
    hint: 'Clears wrong tries on every device.',
    busy: 'Lifting…',
    question: (who) => `Lift the pause of ${who}?`,
    effects: ['All wrong passwords are forgotten', 'The password works again at once'],
    done: 'The pause is lifted',
    isFor: ({ counters }) => counters.length > 0,
  },
  {
    name: 'reset',
    icon: 'again',
    words: 'Send a reset link',
    hint: 'Goes to the confirmed address only.',
    busy: 'Sending…',
    question: (who) => `Send ${who} a reset link?`,
    effects: [
      'An email with a link is sent within a minute',
      'Whoever reads that mailbox can set a new password',
    ],
    after: 'Be sure who asks you.',
    done: 'A reset link is on its way',
    isFor: isActive,
  },
  {
    name: 'resend',
    icon: 'mail',
    words: 'Send the proof again',
    hint: 'The link that confirms the address.',
    busy: 'Sending…',
    question: (who) => `Send ${who} the link again?`,
    effects: ['An email with a link is sent within a minute', 'Earlier codes no longer work'],
    done: 'The link is on its way',
    isFor: ({ account }) => account.state === 'waiting',
  },
  {
    name: 'logout',
    icon: 'out',
    words: 'Log out everywhere',
    hint: 'Takes effect at once.',
    busy: 'Logging out…',
    question: (who) => `Log ${who} out everywhere?`,
    effects: ['All sessions end now', 'They can log in again'],
    done: 'All sessions have ended',
    isFor: ({ sessions }) => sessions.length > 0,
  },
  {
    name: 'remove-factor',
    icon: 'lock',
    words: 'Remove lost second steps',
    hint: 'After 72 hours. A mail tells at once.',
    busy: 'Asking…',
    question: (who) => `Remove the second steps of ${who}?`,
    effects: [
      'App code, passkeys and recovery codes are removed in 72 hours',
      'A mail tells the person at once',
      'Using one of them until then calls it off',
    ],
    after: 'After it, the password alone opens the account. Check who asks you by another way than mail.',
    done: 'The second steps will be removed in 72 hours',
    isFor: (person) => hasFactor(person) && isActive(person) && person.factors.removalDueAt === null,
  },
  {
    name: 'keep-factor',
    icon: 'lock',
    words: 'Keep the second steps',
    hint: 'Calls the removal off.',
    busy: 'Calling off…',
    question: (who) => `Keep the second steps of ${who}?`,
    effects: ['The removal is called off'],
    done: 'The second steps stay',
    isFor: ({ factors }) => factors.removalDueAt !== null,
  },
  {
    name: 'export',
    icon: 'down',
    words: 'Export the data',
    hint: 'The same file that the person can load.',
    busy: 'Exporting…',
    question: (who) => `Export the data of ${who}?`,
    effects: ['A file with everything that is held about the person is saved on this device'],
    done: 'The data is saved',
    isFor: () => true,
  },
  {
    name: 'suppress',
    icon: 'mail',
    words: 'Stop mail',
    hint: 'Nothing is sent to the address.',
    busy: 'Stopping…',
    question: (who) => `Stop all mail to ${who}?`,
    effects: ['No mail is sent to this address for 180 days, not even a reset'],
    done: 'Mail to this address is stopped',
    isFor: ({ account }) => account.suppression === null,
  },
  {
    name: 'unsuppress',
    icon: 'mail',
    words: 'Allow mail again',
    hint: 'For an address that works again.',
    busy: 'Allowing…',
    question: (who) => `Allow mail to ${who} again?`,
    effects: ['Mail to this address is sent again'],
    done: 'Mail is sent again',
    isFor: ({ account }) => account.suppression !== null,
  },
  {
    name: 'disable',
    icon: 'stop',
    words: 'Disable account',
    hint: 'No log-in, no email, until enabled.',
    busy: 'Disabling…',
    question: (who) => `Disable ${who}?`,
    effects: ['All sessions end now', 'Nobody can log in, by any way', 'No email is sent, not even a reset'],
    after: 'You can enable the account again at any time.',
    isLoss: true,
    done: 'The account is disabled',
    isFor: ({ account }) => account.state === 'active' || account.state === 'waiting',
  },
  {
    name: 'enable',
    icon: 'tick',
    words: 'Enable account',
    hint: 'Sessions that ended stay ended.',
    busy: 'Enabling…',
    question: (who) => `Enable ${who}?`,
    effects: ['They can log in again', 'Sessions that ended stay ended'],
    done: 'The account is enabled',
    isFor: ({ account }) => account.state === 'disabled',
  },
  {
    name: 'delete',
    icon: 'alert',
    words: 'Delete account',
    hint: 'Can’t be undone.',
    busy: 'Deleting…',
    question: (who) => `Delete ${who}?`,
    effects: ['Everything that is held about the person is deleted now', 'A mail says farewell'],
    after: 'This can’t be undone.',
    isLoss: true,
    done: 'The account is deleted',
    isFor: () => true,
  },
];
