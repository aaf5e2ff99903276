/**
 * Tickets lead from one step to the next: from a right password to its second factor, from the options of a passkey to
 * its use. A ticket is a signed token of five minutes. It carries the id of the row that it may create, so the primary
 * key makes it work once, and no row is needed before. What it says of a person holds only while the password and the
 * second factors are still the same: the statement that takes the ticket compares both.
 */
import type { JWTPayload } from 'jose';
import * as z from 'zod';
import { readToken, signToken, type TokenKind } from '../lib/jws.ts';
import { deriveKey, type Key, type KeyRing } from '../lib/key-ring.ts';
import { later } from '../lib/time.ts';

export const TICKET_SECONDS = 300;

/** Claims of every ticket about a person. `pwv` is the version of the password in milliseconds, `epo` users.mfa_epoch. */
export const personClaims = { sub: z.uuid(), pwv: z.int(), epo: z.int() };

type Claims = JWTPayload & { jti: string; exp: number; pur: string };
export type TicketKind<C extends z.ZodType<Claims>> = TokenKind<C> & { purpose: string };

/** A kind of tickets. A ticket for one purpose is none for another, and no other token can pass for one. */
export const ticketKind = <Shape extends z.ZodRawShape>(purpose: string, shape: Shape) => ({
  purpose,
  typ: 'ticket+jwt',
  claims: z.object({ ...shape, jti: z.uuid(), exp: z.int(), pur: z.literal(purpose) }),
  keyOf: ({ secret }: Key): Uint8Array => deriveKey(secret, 'ticket'),
});

/** `jti` is the id of the row that the ticket may create. */
export const signTicket = <C extends z.ZodType<Claims>>(
  kind: TicketKind<C>,
  keys: KeyRing,
  said: Omit<z.output<C>, 'exp' | 'pur'>,
  now: Date,
  seconds = TICKET_SECONDS,
): Promise<string> => {
  const exp = Math.floor(later(now, seconds).getTime() / 1_000);
  return signToken(kind, keys, { ...said, pur: kind.purpose, exp } as z.output<C>);
};

/** Undefined, without a trip, for a ticket that is not ours, has expired or has another purpose. */
export const readTicket = <C extends z.ZodType<Claims>>(
  kind: TicketKind<C>,
  keys: KeyRing,
  ticket: string,
  now: Date,
): Promise<z.output<C> | undefined> => readToken(kind, keys, ticket, now);

/** For the second factor, after a right password. `jti` is the id of the session that it may open. */
export const loginTicket = ticketKind('login', personClaims);

/**
 * For somebody who must add a second factor before the session opens. It does nothing but that, and only with the code
 * that was mailed. `jti` is the id of the row of that code.
 */
export const enrolmentTicket = ticketKind('login-enrol', personClaims);
