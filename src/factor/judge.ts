/**
 * Judges the answer of a person who is asked for a second factor. What is right here is not yet used up: the statement
 * that acts on it does that, and only if nobody was faster.
 */
import type { ApiConfig } from '../config/read.ts';
import { relyingParty } from '../config/relying-party.ts';
import { type KeyRing, keyById } from '../lib/key-ring.ts';
import type { FactorFailure } from '../store/factor-failures.ts';
import type { FactorMaterial, FactorSpend } from '../store/factor-proof.ts';
import { judgePasskey, type PasskeyAnswer } from './judge-passkey.ts';
import { indexOfCode } from './recovery.ts';
import { openSecret, sealSecret, stepOf } from './totp.ts';

/** One way to prove a second factor. */
export type FactorAnswer = { code: string } | { recoveryCode: string } | PasskeyAnswer;

export type Judged = { spend: FactorSpend } | { failure: FactorFailure };
type Person = { id: string; material: FactorMaterial };

export async function judge(
  config: ApiConfig,
  person: Person,
  answer: FactorAnswer,
  now: Date,
): Promise<Judged> {
  if ('code' in answer) return judgeCode(config.factorSecrets, person, answer.code, now);
  if ('recoveryCode' in answer) return judgeRecovery(config.factorSecrets, person, answer.recoveryCode);
  const judged = await judgePasskey(relyingParty(config), answer, person.material.passkey, now);
  return 'used' in judged ? { spend: { method: 'passkey', used: judged.used } } : judged;
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
