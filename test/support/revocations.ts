/** The list of sessions that ended, as a service that verifies tokens reads it. */
import { createHash } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, type JWTPayload, jwtVerify } from 'jose';
import { expect } from 'vitest';
import type { Answer, Gatehouse } from './gatehouse.ts';
import type { Tokens } from './person.ts';

type List = { answer: Answer; claims: JWTPayload; revoked: string[] };

export const sidOf = ({ accessToken }: Pick<Tokens, 'accessToken'>): string =>
  String(decodeJwt(accessToken).sid);

/** As the list has it. */
export const digestOf = (sid: string): string =>
  createHash('sha256').update(sid).digest().subarray(0, 12).toString('base64url');

/** A new list, once the one that the isolate keeps is too old. */
export async function nextList(gatehouse: Gatehouse): Promise<List> {
  gatehouse.clock.travel(4);
  return listOf(gatehouse);
}

export async function listOf(gatehouse: Gatehouse): Promise<List> {
  const answer = await gatehouse.get('//.well-known/revoked-sessions');
  expect(answer.status).toBe(200);
  const { body: keys } = await gatehouse.get('//.well-known/jwks.json');
  const { payload: claims } = await jwtVerify(answer.body, createLocalJWKSet(keys), {
    typ: 'revoked-sessions+jwt',
    algorithms: ['ES256'],
    issuer: gatehouse.config.issuer,
    currentDate: gatehouse.clock.now(),
  });
  return { answer, claims, revoked: String(claims.revoked).match(/.{16}/g) ?? [] };
}
