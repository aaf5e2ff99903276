/** What a scene is, and short forms of its steps with the usual values. */
import { PASSWORDS } from './arbitraries.ts';
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
export const times = (count: number, make: (index: number) => Step): Step[] =>
  Array.from({ length: count }, (_, i) => make(i));
