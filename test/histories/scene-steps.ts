/** What a scene is, and short forms of its steps with the usual values. */
import { PASSWORDS } from './choices.ts';
import type { ChangeFactors } from './factor-change-commands.ts';
import type { AnswerFactor } from './factor-commands.ts';
import type { LogIn } from './login-commands.ts';
import type { Refresh } from './session-commands.ts';
import type { Step } from './steps.ts';

/** A few steps that belong together. `one` chooses what differs from time to time. */
export type Scene = (one: <T>(...of: [T, ...T[]]) => T) => Step[];

export const [OWN = '', OTHER = '', FOREIGN = ''] = PASSWORDS;

export const login = (step: Partial<LogIn>): LogIn => ({
  do: 'logIn',
  from: 0,
  address: 0,
  password: OWN,
  isRemembered: false,
  roams: false,
  transport: 'body',
  ...step,
});
export const refresh = (step: Partial<Refresh>): Refresh => ({
  do: 'refresh',
  session: 0,
  token: 'newest',
  device: 'own',
  roams: false,
  ...step,
});
export const answer = (step: Partial<AnswerFactor>): AnswerFactor => ({
  do: 'answerFactor',
  from: 0,
  ticket: 0,
  how: 'now',
  trusts: false,
  isRemembered: false,
  transport: 'body',
  ...step,
});
/** An app is added by the password, or by what `proof` says. Its recovery codes are shown. */
export const enrol = (proof: ChangeFactors['proof'] = { with: 'password', password: OWN }): Step[] => [
  { do: 'beginApp', session: 0, proof },
  { do: 'confirmApp', session: 0, enrolment: 0, isWrong: false },
];
export const times = (count: number, make: (index: number) => Step): Step[] =>
  Array.from({ length: count }, (_, i) => make(i));
