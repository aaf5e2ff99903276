/** The single steps of histories: mostly likely ones, so that a history gets far. */
import fc from 'fast-check';
import { address, device, few, PASSWORDS, password, rarely, transport } from './choices.ts';
import { factorRequests } from './factor-arbitraries.ts';
import type { Request, Step } from './steps.ts';
import { isAdas } from './world.ts';

const chosenBy = (from: number) => fc.constantFrom(...PASSWORDS.slice(isAdas(from) ? 0 : 2).slice(0, 2));
const showing = {
  session: few,
  token: fc.constantFrom(
    'newest' as const,
    'newest' as const,
    'newest' as const,
    'older' as const,
    'oldest' as const,
    'withheld' as const,
  ),
  device: fc.constantFrom(
    'own' as const,
    'own' as const,
    'own' as const,
    'none' as const,
    'another' as const,
  ),
};

/** People set only passwords of their own. */
const signsUp = device.chain((from) =>
  fc.record({
    do: fc.constant('signUp' as const),
    from: fc.constant(from),
    address,
    password: chosenBy(from),
  }),
);
const resets = device.chain((from) =>
  fc.record({
    do: fc.constant('reset' as const),
    from: fc.constant(from),
    letter: few,
    password: chosenBy(from),
  }),
);
const proofByCode = fc.record({
  do: fc.constant('proveByCode' as const),
  from: device,
  signup: few,
  letter: few,
});
const proofByLink = fc.record({
  do: fc.constant('proveByLink' as const),
  from: device,
  signup: few,
  letter: few,
  with: fc.constantFrom('id' as const, 'password' as const),
});
const guesses = fc.record({
  do: fc.constant('logIn' as const),
  from: device,
  address,
  password,
  isRemembered: fc.boolean(),
  roams: rarely,
  transport,
});
const forgets = fc.record({
  do: fc.constant('forgot' as const),
  from: device,
  address,
  isRemembered: fc.boolean(),
  roams: rarely,
});
const asks = fc.record({ do: fc.constant('askToMove' as const), session: few, address, password });
const confirms = fc.record({ do: fc.constant('confirmMove' as const), session: few, letter: few });
const takesBack = fc.record({ do: fc.constant('takeBack' as const), from: device, letter: few });
const deletes = fc.record({ do: fc.constant('deleteMe' as const), session: few, password });

const reports = fc.record({
  do: fc.constant('report' as const),
  from: device,
  letter: few,
  what: fc.constantFrom(
    'bounced' as const,
    'complained' as const,
    'complained' as const,
    'suppressed' as const,
    'delivered' as const,
    'is full' as const,
  ),
  isForged: rarely,
});
const usesUp = fc.record({
  do: fc.constant('useUp' as const),
  limit: fc.constantFrom('signup' as const, 'login' as const, 'login' as const, 'forgot' as const),
  from: device,
  by: fc.constantFrom('client' as const, 'neighbours' as const),
});

const request: fc.Arbitrary<Request> = fc.oneof(
  { weight: 6, arbitrary: signsUp },
  { weight: 5, arbitrary: proofByCode },
  { weight: 5, arbitrary: proofByLink },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('resend' as const), from: device, signup: few }) },
  { weight: 14, arbitrary: guesses },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('refresh' as const), roams: rarely, ...showing }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('logOut' as const), roams: rarely, ...showing }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('readMe' as const), session: few }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('endOthers' as const), session: few }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('endOne' as const), session: few, target: few }) },
  { weight: 6, arbitrary: forgets },
  { weight: 6, arbitrary: resets },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('changePassword' as const),
      session: few,
      current: password,
      next: password,
    }),
  },
  { weight: 6, arbitrary: asks },
  { weight: 6, arbitrary: confirms },
  { weight: 4, arbitrary: takesBack },
  { weight: 3, arbitrary: deletes },
  { weight: 4, arbitrary: reports },
  ...factorRequests,
);
const seconds = fc.constantFrom(
  4,
  4,
  4,
  25,
  25,
  110,
  110,
  500,
  1_900,
  3_700,
  30_000,
  90_000,
  260_000,
  700_000,
);

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 60, arbitrary: request },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant('atOnce' as const), first: request, second: request }),
  },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'lost' as const,
        'lost' as const,
        'cut' as const,
        'secondCut' as const,
        'secondDown' as const,
        'databaseDown' as const,
        'redisDown' as const,
      ),
      request,
    }),
  },
  { weight: 2, arbitrary: usesUp },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'sweep' as const,
        'mailStops' as const,
        'mailGoes' as const,
        'mailFalters' as const,
      ),
    }),
  },
);
