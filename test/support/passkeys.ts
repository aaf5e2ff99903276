/** People with passkeys, and the steps they take through the front door. */
import { expect } from 'vitest';
import { type Bent, newAuthenticator } from './authenticator.ts';
import type { Answer, Gatehouse } from './gatehouse.ts';
import { loggedIn, type Person, type Tokens } from './person.ts';

export type Device = Awaited<ReturnType<typeof newAuthenticator>>;
export type Keyed = Person & Tokens & { device: Device; passkeyId: string };

export const newDevice = (gatehouse: Gatehouse, { synced = true } = {}): Promise<Device> =>
  newAuthenticator({ origin: new URL(gatehouse.config.issuer).origin, synced });

export const byPassword = ({ password }: Person) => ({ proof: { password } });

/** What `navigator.credentials.create()` is asked with. */
export const beginPasskey = (gatehouse: Gatehouse, who: Person & Tokens, proof: unknown = byPassword(who)) =>
  gatehouse.post('/factors/passkeys/options', proof, { token: who.accessToken });

export async function answerTo(begun: Answer, device: Device, bent: Bent = {}, name = 'Laptop') {
  expect(begun.status, JSON.stringify(begun.body)).toBe(200);
  const { options, ticket } = begun.body.data;
  return { ticket, name, attestation: await device.create(options, bent) };
}

export async function addPasskey<P extends Person & Tokens>(
  gatehouse: Gatehouse,
  who: P,
  { synced = true, proof }: { synced?: boolean; proof?: unknown } = {},
): Promise<P & Keyed> {
  const device = await newDevice(gatehouse, { synced });
  const body = await answerTo(await beginPasskey(gatehouse, who, proof), device);
  const added = await gatehouse.post('/factors/passkeys', body, { token: who.accessToken });
  expect(added.status, JSON.stringify(added.body)).toBe(200);
  return { ...who, device, passkeyId: added.body.data.id };
}

/** Somebody who is logged in and has a passkey. */
export const keyed = async (gatehouse: Gatehouse, options?: { synced: boolean }): Promise<Keyed> =>
  addPasskey(gatehouse, await loggedIn(gatehouse), options);

/** The body of a login by passkey: new options, and the answer of the device. */
export async function passkeyLogin(gatehouse: Gatehouse, device: Device, bent: Bent = {}) {
  const { body } = await gatehouse.post('/login/passkey/options', undefined);
  const { options, ticket } = body.data;
  return { ticket, assertion: await device.get(options, bent) };
}

export const loginByPasskey = async (gatehouse: Gatehouse, device: Device, bent: Bent = {}) =>
  gatehouse.post('/login/passkey', await passkeyLogin(gatehouse, device, bent));

type Act = { purpose: string; target?: string };

/** The body of a step-up by passkey. */
export async function stepUpBody(gatehouse: Gatehouse, who: Keyed, act: Act, bent: Bent = {}) {
  const { body } = await gatehouse.post('/step-up/options', { act }, { token: who.accessToken });
  const { options, ticket } = body.data;
  return { act, proof: { ticket, assertion: await who.device.get(options, bent) } };
}

/** The ticket of a step-up by passkey. */
export async function stepUp(gatehouse: Gatehouse, who: Keyed, act: Act): Promise<string> {
  const token = who.accessToken;
  const answer = await gatehouse.post('/step-up', await stepUpBody(gatehouse, who, act), { token });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.data.ticket;
}
