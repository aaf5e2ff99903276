/** Changes of the second factors by their owner, each with a fresh proof. */
import { v7 as uuidv7 } from 'uuid';
import type { Bearer, Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { undoTryOnError } from '../guard/undo-try.ts';
import { Refusal } from '../refusal.ts';
import { owesSecondFactor } from '../session/owing.ts';
import type { FreshProof } from '../store/fresh-proof.ts';
import { replaceRecoveryCodes } from '../store/recovery-codes.ts';
import { removeTotp } from '../store/totp-factors.ts';
import { noLongerProven, type Proof, prove } from './prove.ts';
import { shownCodes } from './recovery.ts';

/** @throws Refusal as `prove`; `not_found` when there is no authenticator app */
export async function removeApp(deps: Deps, caller: Caller, bearer: Bearer, proof: Proof): Promise<void> {
  const proven = await prove(deps, caller, bearer, proof, { purpose: 'remove-totp' });
  await actOn(deps, proven, async () => {
    if (!proven.factors.totp) throw new Refusal('not_found', { reason: 'no_such_factor' });
    return removeTotp(deps.db, proven, deps.config.mfaRequired === 'all', caller, deps.now());
  });
}

/**
 * Gives the new codes, which are shown once.
 * @throws Refusal as `prove`; `not_found` when no second factor is owed, for which they would stand in
 */
export async function renewRecoveryCodes(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  proof: Proof,
): Promise<string[]> {
  const proven = await prove(deps, caller, bearer, proof, { purpose: 'renew-recovery-codes' });
  const { factorSecrets } = deps.config;
  const codes = { setId: uuidv7(), keyId: factorSecrets[0].id };
  await actOn(deps, proven, async () => {
    if (!owesSecondFactor(deps.config, proven.factors))
      throw new Refusal('not_found', { reason: 'no_such_factor' });
    return replaceRecoveryCodes(deps.db, proven, codes, caller, deps.now());
  });
  return shownCodes(factorSecrets, { ...bearer, ...codes });
}

/** The second trip: what it causes is mailed, and what failed on our side takes the try back. */
async function actOn(
  deps: Deps,
  proven: FreshProof,
  act: () => Promise<{ mails: string[] } | undefined>,
): Promise<void> {
  const done = await undoTryOnError(deps, proven, act);
  if (done === undefined) throw noLongerProven(proven);
  for (const id of done.mails) deps.after(deps.mailQueue.send({ id }));
}
