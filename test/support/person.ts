/** People, and the steps they take through the front door. Each is new: tests share one database. */
import { expect } from 'vitest';
import type { Answer, Gatehouse } from './gatehouse.ts';
import { codeIn, type Message, nextMessageTo } from './mailbox.ts';

/** `deviceToken` is what the last login left with the device of the person. */
export type Person = { name: string; email: string; password: string; deviceToken?: string };

export type Tokens = { accessToken: string; refreshToken: string; expiresIn: number; deviceToken: string };

export function person(name = 'ada'): Person {
  return {
    name,
    email: `${name}-${crypto.randomUUID()}@example.com`,
    password: `${name} keeps a plum kettle`,
  };
}

export async function signUp(gatehouse: Gatehouse, who: Person): Promise<{ id: string; mail: Message }> {
  const { status, body } = await gatehouse.post('/signup', who);
  expect(status, JSON.stringify(body)).toBe(200);
  return { id: body.data.id, mail: await nextMessageTo(who.email) };
}

export async function verify(gatehouse: Gatehouse, signup: { id: string; mail: Message }): Promise<void> {
  const { status, body } = await gatehouse.post('/verify-email', {
    id: signup.id,
    code: codeIn(signup.mail),
  });
  expect(status, JSON.stringify(body)).toBe(200);
}

export const login = (gatehouse: Gatehouse, { email, password, deviceToken }: Person): Promise<Answer> =>
  gatehouse.post('/login', { email, password, deviceToken });

/** Someone with an account. */
export async function resident(gatehouse: Gatehouse, name?: string): Promise<Person> {
  const who = person(name);
  await verify(gatehouse, await signUp(gatehouse, who));
  return who;
}

/** Someone who is logged in. */
export async function loggedIn(gatehouse: Gatehouse, name?: string): Promise<Person & Tokens> {
  const who = await resident(gatehouse, name);
  const { status, body } = await login(gatehouse, who);
  expect(status, JSON.stringify(body)).toBe(200);
  return { ...who, ...body.data };
}
