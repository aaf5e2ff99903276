/** A fresh proof for a change of the factors: the password, or the second factor of somebody who has one. */
import type { Act, Proof } from '../../../packages/client/src/contract.ts';
import { type Field, passwordField } from '../field.ts';
import { t } from '../words.ts';
import { answerOf, factors, type Have, secondField } from './kit.ts';

export type AskedProof = {
  /** Undefined: the browser asks for the passkey. */
  field: Field | undefined;
  get(): Promise<Proof>;
};

export function askFor({ mfaRequired, totp }: Have, act: Act): AskedProof {
  if (!mfaRequired) {
    const password = passwordField('password', t('field.currentPassword'));
    return { field: password, get: async () => ({ password: password.input.value }) };
  }
  if (totp === null) return { field: undefined, get: () => factors.stepUp(act) };
  const second = secondField();
  return { field: second, get: async () => answerOf(second) };
}
