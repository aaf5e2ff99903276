/** Tickets: for one purpose, for five minutes, and only ours. */
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { readApiConfig } from '../../src/config/read.ts';
import { later } from '../../src/lib/time.ts';
import { encodeRefreshToken } from '../../src/token/refresh-token.ts';
import { personClaims, readTicket, signTicket, TICKET_SECONDS, ticketKind } from '../../src/token/ticket.ts';
import { withOtherMac } from '../support/other-spellings.ts';

const { ticketSecrets: keys, refreshTokenSecrets } = readApiConfig(env as unknown as Record<string, unknown>);
const one = ticketKind('one', personClaims);
const other = ticketKind('other', { ...personClaims, more: z.string() });
const now = new Date();
const said = { jti: crypto.randomUUID(), sub: crypto.randomUUID(), pwv: now.getTime(), epo: 3 };

test('a ticket says what was put into it, for five minutes', async () => {
  const ticket = await signTicket(one, keys, said, now);
  expect(await readTicket(one, keys, ticket, now)).toMatchObject(said);
  expect(await readTicket(one, keys, ticket, later(now, TICKET_SECONDS - 1))).toMatchObject(said);
  expect(await readTicket(one, keys, ticket, later(now, TICKET_SECONDS))).toBeUndefined();
});

test('a ticket for one purpose is none for another, and no other token is one', async () => {
  const ticket = await signTicket(other, keys, { ...said, more: 'x' }, now);
  expect(await readTicket(other, keys, ticket, now)).toMatchObject({ more: 'x' });
  expect(await readTicket(one, keys, ticket, now)).toBeUndefined();
  const session = { sessionId: said.jti, generation: 0, secret: 'x'.repeat(43), expiresAt: later(now, 60) };
  const refreshToken = await encodeRefreshToken(keys, session);
  for (const foreign of [refreshToken, `${ticket}x`, withOtherMac(ticket), '', 'a.b.c'])
    expect(await readTicket(other, keys, foreign, now)).toBeUndefined();
  expect(await readTicket(other, refreshTokenSecrets, ticket, now)).toBeUndefined();
});
