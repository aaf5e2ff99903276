/** Judges the use of a passkey: the answer of its authenticator, and whether its counter is the next one. */
import type { RelyingParty } from '../config/relying-party.ts';
import { isNext, type PasskeyFailure, type StoredPasskey, type UsedPasskey } from '../store/passkey-proof.ts';
import { challengeFor } from '../token/passkey-request.ts';
import type { Assertion } from './passkey-fields.ts';

/** An answer, and the ticket that it was asked for with. */
export type PasskeyAnswer = { assertion: Assertion; ticket: string };

export const credentialIdOf = ({ id }: { id: string }): Uint8Array =>
  new Uint8Array(Buffer.from(id, 'base64url'));

/** For a passkey that nobody has, the same work is done. */
export async function judgePasskey(
  party: RelyingParty,
  { assertion, ticket }: PasskeyAnswer,
  known: StoredPasskey | null,
  now: Date,
): Promise<{ used: UsedPasskey } | { failure: PasskeyFailure }> {
  const { judgeAssertion } = await import('./webauthn.ts');
  const asserted = await judgeAssertion(party, challengeFor(ticket), assertion, known ?? undefined);
  if (known === null) return { failure: 'unknown_passkey' };
  if (typeof asserted === 'string') return { failure: asserted };
  if (!isNext(known, asserted.counter)) return { failure: 'counter_back' };
  return { used: { ...asserted, id: known.id, at: now } };
}
