/** The single steps of second factors, and of operators. */
import fc from 'fast-check';
import { device, few, password, rarely, transport } from './choices.ts';
import type { How, Purpose } from './held-factors.ts';
import type { ProofStep } from './proof.ts';
import type { Request } from './steps.ts';

const how = fc.constantFrom<How>(
  'now',
  'now',
  'now',
  'before',
  'ahead',
  'replayed',
  'wrong',
  'recovery',
  'usedRecovery',
);
const proof = fc.oneof<fc.Arbitrary<ProofStep>[]>(
  fc.record({ with: fc.constant('password' as const), password }),
  fc.record({ with: fc.constant('factor' as const), how }),
  fc.record({ with: fc.constant('stepUp' as const), ticket: few }),
);
const purpose = fc.constantFrom<Purpose>('add-totp', 'remove-totp', 'renew-recovery-codes');

const answers = fc.record({
  do: fc.constant('answerFactor' as const),
  from: device,
  ticket: few,
  how,
  trusts: rarely,
  isRemembered: fc.boolean(),
  transport,
});
const confirms = fc.record({
  do: fc.constant('confirmApp' as const),
  session: few,
  enrolment: few,
  isWrong: rarely,
});
const changes = fc.record({
  do: fc.constantFrom('beginApp' as const, 'beginApp' as const, 'removeApp' as const, 'renewCodes' as const),
  session: few,
  proof,
});
const stepsUp = fc.record({ do: fc.constant('stepUp' as const), session: few, proof, purpose });
const deletes = fc.record({ do: fc.constant('deleteMe' as const), session: few, password, how });
const operates = fc.record({
  do: fc.constant('operate' as const),
  act: fc.constantFrom('disable' as const, 'enable' as const, 'enable' as const, 'logout' as const),
  session: few,
});

export const factorRequests: { weight: number; arbitrary: fc.Arbitrary<Request> }[] = [
  { weight: 8, arbitrary: answers },
  { weight: 5, arbitrary: confirms },
  { weight: 6, arbitrary: changes },
  { weight: 2, arbitrary: stepsUp },
  { weight: 1, arbitrary: deletes },
  { weight: 3, arbitrary: operates },
];
