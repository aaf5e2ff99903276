/** Scenes of second factors and of operators. */
import type { AskToMove } from './address-commands.ts';
import type { ProofStep } from './proof.ts';
import { answer, enrol, login, OTHER, OWN, refresh, type Scene, times } from './scene-steps.ts';
import type { Request, Step } from './steps.ts';

const nextStep: Step = { do: 'wait', seconds: 30 };
const byCode: ProofStep = { with: 'factor', how: 'now' };
const byPassword: ProofStep = { with: 'password', password: OWN };

/** The password, and then what the app shows. */
const logsIn = (more: Partial<Parameters<typeof answer>[0]> = {}): Step[] => [
  nextStep,
  login({ from: more.from ?? 0, isRemembered: more.isRemembered ?? false }),
  answer(more),
];

export const factorScenes: Scene[] = [
  // Logins with a code: right, sent twice, one after the other or at once, of the step before or after.
  (one) => {
    const sent = answer({ how: one('now', 'now', 'before', 'ahead', 'recovery') });
    const again = answer({ how: one('replayed', 'usedRecovery', 'now'), ticket: one(0, 1, 1) });
    return [
      ...enrol(),
      ...one<Step[]>([], [nextStep], [nextStep]),
      login({ from: one(0, 1) }),
      login({}),
      ...one<Step[]>(
        [{ do: 'atOnce', first: sent, second: again }],
        [sent, again],
        [{ do: 'lost', request: sent }, again],
      ),
      refresh({}),
    ];
  },
  // A thief who has the password, and has seen what the owner has typed.
  (one) => {
    const tries = times(one(1, 3, 5, 6), () =>
      answer({ from: one(2, 3), how: one('wrong', 'replayed', 'usedRecovery') }),
    );
    return [
      ...enrol(),
      ...logsIn({ how: one('now', 'recovery') }),
      login({ from: 2 }),
      ...tries,
      ...one<Step[]>([], [{ do: 'wait', seconds: one(110, 1_000) }, login({ from: 2 }), ...tries]),
      ...logsIn({ from: one(0, 1) }),
      { do: one('beginApp', 'removeApp', 'renewCodes'), session: 0, proof: byPassword },
      refresh({}),
    ];
  },
  // A device that is not asked again, until something changes.
  (one) => [
    ...enrol(),
    ...logsIn({ trusts: true }),
    ...one<Step[]>(
      [],
      [{ do: 'changePassword', session: 0, current: OWN, next: OTHER }],
      [nextStep, ...enrol(byCode)],
      [nextStep, { do: 'renewCodes', session: 0, proof: byCode }],
      [{ do: 'wait', seconds: one(90_000, 700_000) }],
    ),
    login({ isRemembered: true, password: one(OWN, OWN, OTHER) }),
    login({ isRemembered: true, from: one(1, 2) }),
    refresh({}),
  ],
  // What the factors are changed by: a password where none is owed, else a code, or the ticket of a step-up.
  (one) => {
    const proof = one<ProofStep>(byCode, byPassword, {
      with: 'factor',
      how: one('recovery', 'replayed', 'wrong'),
    });
    const change = { do: one('removeApp', 'renewCodes', 'beginApp'), session: 0 } as const;
    const purpose = one('remove-totp', 'renew-recovery-codes', 'add-totp');
    const spends: Request = { ...change, proof: { with: 'stepUp', ticket: 0 } };
    return [
      ...enrol(),
      ...one<Step[]>([], logsIn({ from: 1 })),
      nextStep,
      ...one<Step[]>(
        [{ ...change, proof }],
        [
          { do: 'stepUp', session: 0, proof, purpose },
          ...one<Step[]>([spends], [spends, spends], [{ do: 'atOnce', first: spends, second: spends }]),
        ],
      ),
      { do: 'confirmApp', session: one(0, 0, 1), enrolment: 0, isWrong: one(false, false, true) },
      login({}),
      answer({ how: one('ahead', 'recovery', 'usedRecovery') }),
      refresh({ session: one(0, 1) }),
    ];
  },
  // Whoever has the mailbox, or changes the password, still owes the factor.
  (one) => [
    ...enrol(),
    login({ from: one(0, 2) }),
    { do: 'forgot', from: 0, address: 0, isRemembered: false, roams: false },
    { do: 'reset', from: 0, letter: 0, password: one(OWN, OTHER) },
    answer({ from: one(0, 2), how: one('ahead', 'wrong', 'usedRecovery') }),
    login({ password: one(OWN, OTHER) }),
    answer({ how: one('ahead', 'recovery', 'replayed') }),
    refresh({}),
  ],
  // The address changes with a factor; a factor that was added since then goes with an undo.
  (one) => {
    const asks = (how: AskToMove['how']): Step => ({
      do: 'askToMove',
      session: 0,
      address: 2,
      password: OWN,
      how,
    });
    return [
      ...one<Step[]>([], enrol()),
      nextStep,
      asks(one('now', 'now', 'recovery', 'wrong', undefined)),
      { do: 'confirmMove', session: 0, letter: 0 },
      ...one<Step[]>([], [nextStep, ...enrol(one<ProofStep>(byCode, byPassword))]),
      { do: 'takeBack', from: 0, letter: one(0, 0, 1) },
      { do: 'forgot', from: 0, address: one(0, 2), isRemembered: false, roams: false },
      { do: 'reset', from: 0, letter: 0, password: OWN },
      login({ address: one(0, 2) }),
      answer({ how: one('now', 'ahead', 'recovery') }),
    ];
  },
  // Whoever owes a factor needs it to delete the account; what closed it is used up when an undo opens it again.
  (one) => {
    const deletes = (how: AskToMove['how']): Request => ({ do: 'deleteMe', session: 0, password: OWN, how });
    const removes = deletes(one('now', 'now', 'recovery', 'wrong', undefined));
    const moves: Step[] = [
      { do: 'askToMove', session: 0, address: 2, password: OWN, how: 'now' },
      { do: 'confirmMove', session: 0, letter: 0 },
    ];
    return [
      ...enrol(),
      nextStep,
      ...one<Step[]>([], [...moves, nextStep], [...moves, nextStep]),
      one<Step>(removes, { do: 'atOnce', first: removes, second: one(removes, deletes('replayed')) }),
      ...one<Step[]>([], [{ do: 'takeBack', from: 0, letter: one(0, 1) }]),
      { do: 'forgot', from: 0, address: 0, isRemembered: false, roams: false },
      { do: 'reset', from: 0, letter: 0, password: OWN },
      login({}),
      answer({ how: one('replayed', 'usedRecovery', 'ahead', 'recovery') }),
    ];
  },
  // An operator closes the door, while somebody is inside or about to come in.
  (one) => {
    const disables: Request = { do: 'operate', act: one('disable', 'disable', 'logout'), session: 0 };
    const goesIn = one<Request>(login({ from: 1 }), refresh({}), answer({ how: 'ahead' }));
    return [
      ...one<Step[]>([], [...enrol(), login({})]),
      ...one<Step[]>([disables], [{ do: 'atOnce', first: disables, second: goesIn }]),
      refresh({ session: one(0, 1) }),
      { do: 'readMe', session: 0 },
      one<Step>(
        login({}),
        answer({ how: 'ahead' }),
        { do: 'forgot', from: 0, address: 0, isRemembered: true, roams: false },
        { do: 'reset', from: 0, letter: 0, password: OWN },
        { do: 'takeBack', from: 0, letter: 0 },
      ),
      { do: 'operate', act: 'enable', session: 0 },
      refresh({}),
      login({ from: one(0, 1) }),
    ];
  },
];
