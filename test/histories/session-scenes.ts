/** Scenes of logins, sessions and the password. */
import { FOREIGN, login, OTHER, OWN, refresh, type Scene, times } from './scene-steps.ts';
import type { Request, Step } from './steps.ts';

const logsOut: Request = { do: 'logOut', session: 0, token: 'newest', device: 'own', roams: false };

/** A token is exchanged, its answer may be lost, and the token before it is shown again, by whomever. */
export const exchange: Scene = (one) => {
  const shown = {
    token: one('older', 'older', 'older', 'oldest', 'withheld'),
    device: one('own', 'none', 'another'),
    roams: one(false, true),
  } as const;
  return [
    ...one([], [login({ from: one(1, 2), transport: one('body', 'cookie') })]),
    refresh({}),
    one<Step>(refresh({}), { do: 'lost', request: refresh({}) }),
    ...one<Step[]>([], [{ do: 'wait', seconds: one(4, 25, 25, 110) }]),
    one<Step>(refresh(shown), refresh(shown), { do: 'logOut', session: 0, ...shown }),
    refresh({}),
  ];
};

export const sessionScenes: Scene[] = [
  exchange,
  // Two tabs.
  (one) => [
    { do: 'atOnce', first: refresh({}), second: one<Request>(refresh({}), logsOut) },
    refresh({ token: one('older', 'newest') }),
  ],
  // Guesses at a password, by strangers and on the own device, around the right one.
  (one) => {
    const guess = (): Step =>
      login({
        from: one(2, 3, 0),
        password: one(FOREIGN, OTHER),
        roams: one(false, true),
        isRemembered: one(false, true),
      });
    return [
      login({ isRemembered: true }),
      ...times(one(4, 4, 5, 7), guess),
      login({ isRemembered: one(false, false, true), from: one(0, 1) }),
      ...times(one(2, 3), guess),
      ...one<Step[]>([], [{ do: 'wait', seconds: one(25, 110, 1_900, 3_700) }]),
      login({ isRemembered: one(false, true), from: one(0, 1) }),
    ];
  },
  // More sessions than are allowed, and how they end.
  (one) => [
    ...times(one(2, 3, 4), (i) =>
      login({ from: i % 2, transport: one('body', 'cookie'), isRemembered: one(false, true) }),
    ),
    one<Step>(
      { do: 'changePassword', session: one(0, 1), current: OWN, next: OTHER },
      { do: 'endOthers', session: 0 },
      { do: 'endOne', session: 0, target: one(1, 2) },
      { do: 'deleteMe', session: one(0, 1), password: OWN },
    ),
    refresh({ session: one(0, 1, 2) }),
  ],
  // A password that is changed twice over, or while it is guessed.
  (one) => {
    const change: Request = { do: 'changePassword', session: 0, current: OWN, next: OTHER };
    return [
      one<Step>(
        change,
        { do: 'lost', request: change },
        { do: 'atOnce', first: change, second: login({ from: 1 }) },
      ),
      one<Step>(change, refresh({ token: 'older' }), refresh({})),
      login({ password: one(OWN, OTHER), isRemembered: true }),
    ];
  },
  // A network that is over its limit.
  (one) => [
    {
      do: 'useUp',
      limit: one('login', 'login', 'forgot', 'signup'),
      from: 0,
      by: one('client', 'neighbours'),
    },
    login({ isRemembered: one(false, true), roams: one(false, true) }),
    { do: 'forgot', from: 0, address: 0, isRemembered: one(false, true), roams: false },
    { do: 'signUp', from: one(0, 1), address: 1, password: OWN },
  ],
];
