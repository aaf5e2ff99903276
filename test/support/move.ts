/** The steps of a change of address, through the front door. */
import { expect } from 'vitest';
import type { Gatehouse } from './gatehouse.ts';
import { codeIn, messagesTo, nextMessageTo } from './mailbox.ts';
import { type Person, person, type Tokens } from './person.ts';

export const freshAddress = () => person('new').email;

export const askToMove = (gatehouse: Gatehouse, who: Person & Tokens, newEmail: string) =>
  gatehouse.post('/change-email', { newEmail, currentPassword: who.password }, { token: who.accessToken });
export const confirmMove = (gatehouse: Gatehouse, { accessToken }: Tokens, code: string) =>
  gatehouse.post('/change-email/confirm', { code }, { token: accessToken });
export const addressOf = async (gatehouse: Gatehouse, { accessToken }: Tokens) =>
  (await gatehouse.get('/me', { token: accessToken })).body.data.email;

export async function codeToMove(
  gatehouse: Gatehouse,
  who: Person & Tokens,
  newEmail: string,
): Promise<string> {
  const [newest] = await messagesTo(newEmail);
  expect((await askToMove(gatehouse, who, newEmail)).status).toBe(200);
  return codeIn(await nextMessageTo(newEmail, newest && { after: newest }));
}
