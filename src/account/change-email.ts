/**
 * Change of address. The password is asked for. A code goes to the new address, and a notice with a cancel link to the
 * old one. The address changes only when the code comes back. For a taken address the answer, the trips and the notice
 * are the same; the owner of that address is told by mail.
 */
import { v7 as uuidv7 } from 'uuid';
import type { Bearer, Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import type { FactorAnswer } from '../factor/judge.ts';
import { addFactor } from '../factor/prove.ts';
import { undoTryOnError } from '../guard/undo-try.ts';
import { later } from '../lib/time.ts';
import { newCode } from '../mail/code.ts';
import { codeMacs, decodeLinkToken } from '../mail/proof.ts';
import { mailboxKeys, recipientKeys } from '../mail/recipient.ts';
import { confirmPassword, noLongerConfirmed } from '../password/confirm.ts';
import { Refusal, sessionEnded } from '../refusal.ts';
import { requestEmailChange } from '../store/email-change-request.ts';
import { type CancelOutcome, cancelOrUndoEmailChange } from '../store/email-change-undo.ts';
import { confirmEmailChange } from '../store/email-changes.ts';

export type ChangeEmailInput = {
  newEmail: string;
  currentPassword: string;
  /** From whoever owes a second factor. */
  secondFactor?: FactorAnswer | undefined;
};

/** @throws Refusal `second_factor_required`, `wrong_second_factor`; `invalid_token`; `wrong_password`; `login_locked`; `validation_failed` for the own address; `overloaded` */
export async function changeEmail(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  { newEmail, currentPassword, secondFactor }: ChangeEmailInput,
): Promise<void> {
  const confirmation = await confirmPassword(deps, caller, bearer, currentPassword);
  const proof = await addFactor(deps, caller, confirmation, secondFactor);
  const now = deps.now();
  const noticeId = uuidv7();
  const code = newCode(deps.config, 'change-email', bearer.userId, now);
  const mails = await undoTryOnError(deps, confirmation, async () => {
    assertOther(newEmail, confirmation.email);
    // A record of its own: all records of one address share their salt (docs/decisions/0002).
    const passwordHash = await deps.passwords.hash(currentPassword, newEmail);
    const { mailSecrets } = deps.config;
    const change = {
      email: newEmail,
      passwordHash,
      noticeId,
      code,
      recipientKeys: recipientKeys(mailSecrets, newEmail),
      mailboxKeys: mailboxKeys(mailSecrets, newEmail),
    };
    return requestEmailChange(deps.db, proof, change, caller, now);
  });
  if (mails === undefined) throw noLongerConfirmed();
  for (const id of [code.mailId, noticeId, ...mails]) deps.after(deps.mailQueue.send({ id }));
}

function assertOther(newEmail: string, email: string): void {
  if (newEmail !== email) return;
  const errors = [{ path: 'newEmail', message: 'is your address already' }];
  throw new Refusal('validation_failed', { members: { errors } });
}

/** @throws Refusal `invalid_token`; `invalid_code`, the same for wrong, used, replaced, expired, exhausted and taken */
export async function confirmChange(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  { code }: { code: string },
): Promise<void> {
  const { config } = deps;
  const proof = {
    codeMacs: codeMacs(config.mailSecrets, 'change-email', bearer.userId, code),
    maxTries: config.verificationCodeTries,
  };
  const now = deps.now();
  const mails = { toOld: uuidv7(), toNew: uuidv7() };
  const terms = { mails, undoUntil: later(now, config.emailUndoSeconds) };
  const outcome = await confirmEmailChange(deps.db, bearer, proof, terms, caller, now);
  if (outcome === 'gone') throw sessionEnded();
  if (outcome === 'refused') throw new Refusal('invalid_code', { reason: 'not_open_or_wrong_code' });
  for (const id of Object.values(mails)) deps.after(deps.mailQueue.send({ id }));
}

/**
 * Cancels or undoes a change, by the link in the old mailbox. It needs no login: a thief of the account may have
 * changed the password.
 */
export async function cancelOrUndoChange(
  deps: Deps,
  caller: Caller,
  { token }: { token: string },
): Promise<CancelOutcome> {
  const linkId = decodeLinkToken(deps.config.mailSecrets, 'cancel-email-change', token);
  if (linkId === undefined) throw new Refusal('invalid_code', { reason: 'bad_link_mac' });
  const mails = { toRestored: uuidv7(), toReplaced: uuidv7() };
  const outcome = await cancelOrUndoEmailChange(deps.db, linkId, mails, caller, deps.now());
  if (outcome === 'undone') for (const id of Object.values(mails)) deps.after(deps.mailQueue.send({ id }));
  return outcome;
}
