/**
 * The ticket of a step-up: a fresh proof for one act, in one session, on one target (ASVS 7.5.1, 7.5.3). `jti` is the id
 * of the event that is written when the ticket is used, so it acts once.
 */
import * as z from 'zod';
import { personClaims, ticketKind } from './ticket.ts';

/** What a ticket can be for. The others are about the only thing of their kind. */
const purposes = [
  'add-totp',
  'remove-totp',
  'renew-recovery-codes',
  'add-passkey',
  'remove-passkey',
  'delete-account',
] as const;

/** `target`: the id of the passkey. */
export type Act = { purpose: (typeof purposes)[number]; target?: string | undefined };

const actClaims = { sid: z.uuid(), act: z.enum(purposes), tgt: z.string().optional() };

export const stepUpTicket = ticketKind('step-up', { ...personClaims, ...actClaims });

/** With which a passkey is asked for, to get the other one. */
export const stepUpRequestTicket = ticketKind('step-up-request', { sub: z.uuid(), ...actClaims });

export const claimsOfAct = ({ purpose, target }: Act) => ({
  act: purpose,
  ...(target !== undefined && { tgt: target }),
});

/** Whether a ticket was made for this session and this act. */
export const isFor = (
  { sub, sid, act, tgt }: { sub: string; sid: string; act: string; tgt?: string | undefined },
  { userId, sessionId }: { userId: string; sessionId: string },
  { purpose, target }: Act,
): boolean => sub === userId && sid === sessionId && act === purpose && tgt === target;
