/**
 * What a page hands to `navigator.credentials.get()` (WebAuthn section 5.5). The challenge is the SHA-256 of the ticket
 * that comes with it: unique, unpredictable because of the signature in it (256 bits, ASVS 6.7.2), and nothing is
 * stored. So an answer belongs to one ticket, and works as often as that one: once.
 */
import { createHash } from 'node:crypto';
import type { RelyingParty } from '../config/relying-party.ts';
import { TICKET_SECONDS } from './ticket.ts';

export const challengeFor = (ticket: string): string =>
  createHash('sha256').update(ticket).digest('base64url');

export type PasskeyRequest = {
  challenge: string;
  rpId: string;
  userVerification: 'required';
  /** In milliseconds. */
  timeout: number;
};

/** Without a list of passkeys: it would tell strangers who has an account, and authenticators know their own. */
export const passkeyRequest = ({ rpId }: RelyingParty, ticket: string): PasskeyRequest => ({
  challenge: challengeFor(ticket),
  rpId,
  userVerification: 'required',
  timeout: TICKET_SECONDS * 1_000,
});
