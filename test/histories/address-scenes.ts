/** Scenes of addresses and of the mail that goes there. */
import { FOREIGN, login, OTHER, OWN, refresh, type Scene, times } from './scene-steps.ts';
import type { Request, Step } from './steps.ts';

const asks: Step = { do: 'askToMove', session: 0, address: 2, password: OWN };
const forgot = (address: number): Step => ({
  do: 'forgot',
  from: 0,
  address,
  isRemembered: true,
  roams: false,
});

/** The address changes and the account is deleted, sooner or later, and may come back. */
export const closing: Scene = (one) => [
  asks,
  { do: 'confirmMove', session: 0, letter: 0 },
  ...one<Step[]>([], [{ do: 'wait', seconds: one(110, 90_000, 200_000, 200_000, 260_000) }, refresh({})]),
  { do: 'deleteMe', session: 0, password: OWN },
  ...one<Step[]>(
    [],
    [{ do: 'wait', seconds: one(4, 90_000, 200_000) }],
    [{ do: 'wait', seconds: 260_000 }, { do: 'sweep' }],
  ),
  ...one<Step[]>([], [forgot(2)], [{ do: 'signUp', from: 0, address: one(0, 2), password: OWN }]),
  { do: 'takeBack', from: 0, letter: one(0, 0, 1) },
  login({ address: one(0, 2) }),
];

export const addressScenes: Scene[] = [
  // Guesses at a code, one more than are judged.
  (one) => {
    const address = one(1, 2);
    return [
      { do: 'signUp', from: one(0, 2), address, password: OTHER },
      { do: 'signUp', from: 0, address, password: OWN },
      ...times(one(1, 4, 5, 6), () => ({ do: 'proveByCode', from: 0, signup: 0, letter: 1 })),
      ...one<Step[]>([], [{ do: 'resend', from: 0, signup: 0 }]),
      { do: 'proveByCode', from: 0, signup: 0, letter: 0 },
      { do: 'proveByCode', from: 0, signup: 0, letter: 0 },
    ];
  },
  // A link that proves another sign-up, by its id or its password.
  (one) => [
    { do: 'signUp', from: one(0, 2), address: one(1, 2), password: OTHER },
    { do: 'signUp', from: 0, address: one(1, 2), password: OWN },
    ...times(one(1, 2, 5), () => ({
      do: 'proveByLink',
      from: 0,
      signup: one(0, 1),
      letter: 1,
      with: 'password',
    })),
    { do: 'proveByLink', from: 0, signup: one(0, 1), letter: one(0, 1), with: one('id', 'password') },
    login({ address: one(1, 2), password: one(OWN, OTHER) }),
  ],
  // More mail than a lane allows.
  (one) => {
    const address = one(0, 1, 2);
    const seconds = one(110, 30_000, 90_000);
    return [
      ...times(one(3, 5, 6), (i) => ({
        do: 'signUp',
        from: i % 3,
        address,
        password: i % 3 < 2 ? OWN : FOREIGN,
      })),
      ...one<Step[]>([], [{ do: 'wait', seconds }]),
      one<Step>({ do: 'signUp', from: 2, address, password: FOREIGN }, { do: 'resend', from: 0, signup: 0 }),
    ];
  },
  (one) => times(one(2, 5, 6), () => ({ do: 'askToMove', session: 0, address: one(1, 2), password: OWN })),
  // The address changes, with guesses at its code, and changes back.
  (one) => [
    ...one([], [forgot(0)]),
    ...times(one(1, 1, 2), () => asks),
    ...times(one(0, 0, 0, 4, 6), () => ({ do: 'confirmMove', session: 0, letter: 1 })),
    { do: 'confirmMove', session: 0, letter: 0 },
    ...one<Step[]>([], [{ do: 'confirmMove', session: 0, letter: 0 }]),
    ...one<Step[]>([], [forgot(2)], [login({ address: 2 }), forgot(2)]),
    ...one<Step[]>([], [], [{ do: 'wait', seconds: one(4, 110, 90_000, 260_000) }, login({ address: 2 })]),
    { do: 'takeBack', from: 0, letter: one(0, 0, 1) },
    { do: 'reset', from: 0, letter: 0, password: OTHER },
    login({ address: one(0, 2), password: one(OWN, OTHER) }),
  ],
  closing,
  // Somebody else wants the address.
  (one) => {
    const signup: Step = { do: 'signUp', from: 2, address: 3, password: FOREIGN };
    const notices: [Step, Step] = [
      { do: 'askToMove', session: 0, address: one(0, 2), password: FOREIGN },
      { do: 'signUp', from: 2, address: one(0, 0, 2), password: FOREIGN },
    ];
    return [
      signup,
      { do: 'proveByCode', from: 2, signup: 0, letter: 0 },
      login({ from: 2, address: 3, password: FOREIGN }),
      ...one(notices, [notices[1], notices[0]]),
      ...one<Step[]>([], [{ do: 'wait', seconds: one(30_000, 90_000) }]),
      one(...notices),
    ];
  },
  // An address that bounces or complains, and what still comes there.
  (one) => {
    const asksAgain: Step = {
      do: 'forgot',
      from: one(0, 1),
      address: 0,
      isRemembered: false,
      roams: one(false, true),
    };
    return [
      ...one([], [asksAgain]),
      {
        do: 'report',
        from: 0,
        letter: 0,
        what: one('bounced', 'complained', 'complained'),
        isForged: one(false, false, true),
      },
      one<Step>(asksAgain, { do: 'signUp', from: 2, address: 0, password: FOREIGN }, login({ from: 1 })),
      asksAgain,
      { do: 'reset', from: 0, letter: 0, password: OWN },
    ];
  },
  // Two links that reset, used one after the other or at once, while the address is about to move.
  (one) => {
    const use = (letter: number): Request => ({ do: 'reset', from: 0, letter, password: one(OWN, OTHER) });
    const isMoving = one(true, false);
    return [
      ...(isMoving ? [asks] : []),
      { do: 'forgot', from: one(0, 2), address: 0, isRemembered: one(false, true), roams: false },
      { do: 'forgot', from: one(0, 1), address: 0, isRemembered: one(false, true), roams: one(false, true) },
      ...one<Step[]>([use(0), use(1), use(0)], [{ do: 'atOnce', first: use(0), second: use(1) }]),
      refresh({}),
      login({ password: one(OWN, OTHER), isRemembered: one(false, true) }),
      ...(isMoving ? [{ do: 'confirmMove', session: 0, letter: 0 } as const] : []),
    ];
  },
];
