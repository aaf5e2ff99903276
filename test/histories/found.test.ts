/** What `npm run explore` has found, each as the shortest history that shows it. */
import { test } from 'vitest';
import { live } from './run.ts';
import type { Step } from './steps.ts';

const found: Record<string, Step[]> = {
  'while a change of address can be undone, nobody else gets the old address, also not by a sign-up': [
    { do: 'signUp', from: 0, address: 0, password: 'plum kettle of ada' },
    { do: 'proveByCode', from: 0, signup: 0, letter: 0 },
    {
      do: 'logIn',
      from: 0,
      address: 0,
      password: 'plum kettle of ada',
      isRemembered: false,
      roams: false,
      transport: 'body',
    },
    { do: 'askToMove', session: 0, address: 2, password: 'plum kettle of ada' },
    { do: 'confirmMove', session: 0, letter: 0 },
    { do: 'signUp', from: 0, address: 0, password: 'plum kettle of ada' },
    { do: 'proveByCode', from: 0, signup: 0, letter: 0 },
    { do: 'takeBack', from: 0, letter: 0 },
  ],
};

test.each(Object.entries(found))('%s', async (_, steps) => {
  await live(steps);
});
