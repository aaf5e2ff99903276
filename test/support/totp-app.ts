/** An authenticator app of the tests, which knows nothing of the service but RFC 6238; and people who have one. */
import { createHmac } from 'node:crypto';
import { expect } from 'vitest';
import type { Answer, Gatehouse } from './gatehouse.ts';
import { loggedIn, login, type Person, type Tokens } from './person.ts';

const STEP_SECONDS = 30;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The code of a step, by the text of a secret. */
export function codeAt(secret: string, step: number): string {
  const bits = [...secret].map((char) => BASE32.indexOf(char).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

export const stepOf = ({ clock }: Pick<Gatehouse, 'clock'>): number =>
  Math.floor(clock.now().getTime() / 1_000 / STEP_SECONDS);

/** A code that was not used: that of the next step, to which the clock moves. */
export function nextCode(gatehouse: Gatehouse, secret: string): string {
  gatehouse.clock.travel(STEP_SECONDS);
  return codeAt(secret, stepOf(gatehouse));
}

/** A code that fits none of the steps that count. */
export function wrongCode(gatehouse: Gatehouse, secret: string): string {
  const near = [-2, -1, 0, 1, 2].map((away) => codeAt(secret, stepOf(gatehouse) + away));
  return (
    ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.includes(code)) ?? ''
  );
}

export type Guarded = Person & Tokens & { secret: string; recoveryCodes: string[]; enrolmentCode: string };

/** Adds an authenticator app, with the password. */
export async function enrol(gatehouse: Gatehouse, who: Person & Tokens): Promise<Guarded> {
  const token = who.accessToken;
  const begun = await gatehouse.post('/factors/totp', { proof: { password: who.password } }, { token });
  expect(begun.status, JSON.stringify(begun.body)).toBe(200);
  const { secret, ticket } = begun.body.data;
  const code = codeAt(secret, stepOf(gatehouse));
  const confirmed = await gatehouse.post('/factors/totp/confirm', { ticket, code }, { token });
  expect(confirmed.status, JSON.stringify(confirmed.body)).toBe(200);
  return { ...who, secret, enrolmentCode: code, recoveryCodes: confirmed.body.data.recoveryCodes };
}

/** Somebody who is logged in and has an authenticator app. */
export const guarded = async (gatehouse: Gatehouse, name?: string): Promise<Guarded> =>
  enrol(gatehouse, await loggedIn(gatehouse, name));

/** The ticket of a login with the right password. */
export async function ticketFor(gatehouse: Gatehouse, who: Person): Promise<string> {
  const { status, body } = await login(gatehouse, who);
  expect(status, JSON.stringify(body)).toBe(200);
  expect(body.data.mfaRequired).toBe(true);
  return body.data.ticket;
}

/** A whole login with a code of the app. */
export async function loginWithCode(
  gatehouse: Gatehouse,
  who: Guarded,
  more: Record<string, unknown> = {},
): Promise<Answer> {
  const ticket = await ticketFor(gatehouse, who);
  return gatehouse.post('/login/mfa', { ticket, code: nextCode(gatehouse, who.secret), ...more });
}
