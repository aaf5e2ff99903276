/**
 * Judges the answer of a person who is asked for a second factor. What is right here is not yet used up: the statement
 * that acts on it does that, and only if nobody was faster.
 */
import type { KeyRing } from '../lib/key-ring.ts';
import { keyById } from '../lib/key-ring.ts';
import type { FactorFailure } from '../store/factor-failures.ts';
import type { FactorMaterial, Spend } from '../store/factor-proof.ts';
import { indexOfCode } from './recovery.ts';
import { openSecret, sealSecret, stepOf } from './totp.ts';

/** One way to prove a second factor. */
export type FactorAnswer = { code: string } | { recoveryCode: string };

export type Judged = { spend: Spend } | { failure: FactorFailure };
type Person = { id: string; material: FactorMaterial };

export function judge(
  keys: KeyRing,
  person: Person,
  answer: FactorAnswer,
  now: Date,
): Promise<Judged> | Judged {
  return 'code' in answer
    ? judgeCode(keys, person, answer.code, now)
    : judgeRecovery(keys, person, answer.recoveryCode);
}

async function judgeCode(keys: KeyRing, { id, material }: Person, code: string, now: Date): Promise<Judged> {
  const { totp } = material;
  if (totp === null) return { failure: 'wrong_code' };
  const secret = await openSecret(keys, { keyId: totp.keyId, bytes: totp.sealed }, id);
  // A key that is not configured, or a row that was somebody else's (docs/operations.md).
  if (secret === undefined) return { failure: 'unreadable' };
  const step = await stepOf(secret, code, now);
  if (step === undefined) return { failure: 'wrong_code' };
  if (step <= totp.lastStep) return { failure: 'used_code' };
  const resealed = totp.keyId === keys[0].id ? undefined : await sealSecret(keys, secret, id);
  return { spend: { method: 'totp', step, resealed } };
}

function judgeRecovery(keys: KeyRing, { id, material }: Person, code: string): Judged {
  const { recovery } = material;
  if (recovery === null) return { failure: 'wrong_code' };
  const { setId, keyId, used } = recovery;
  if (keyById(keys, keyId) === undefined) return { failure: 'unreadable' };
  const index = indexOfCode(keys, keyId, { userId: id, setId }, code);
  if (index === undefined) return { failure: 'wrong_code' };
  if ((used & (1 << index)) !== 0) return { failure: 'used_code' };
  return { spend: { method: 'recovery', setId, index } };
}
