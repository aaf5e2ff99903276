/** The steps of a change of address, through the front door. */
import { expect } from 'vitest';
import type { Gatehouse } from './gatehouse.ts';
import { codeIn, linkTokenIn, mailWith, messagesTo, nextMessageTo } from './mailbox.ts';
import { type Person, person, type Tokens } from './person.ts';

export const freshAddress = () => person('new').email;

/** `secondFactor` is needed by whoever owes one. */
type Mover = Person & Tokens & { secondFactor?: { code: string } };

export const askToMove = (gatehouse: Gatehouse, who: Mover, newEmail: string) => {
  const { password: currentPassword, secondFactor, accessToken: token } = who;
  return gatehouse.post('/change-email', { newEmail, currentPassword, secondFactor }, { token });
};
export const confirmMove = (gatehouse: Gatehouse, { accessToken }: Tokens, code: string) =>
  gatehouse.post('/change-email/confirm', { code }, { token: accessToken });
export const addressOf = async (gatehouse: Gatehouse, { accessToken }: Tokens) =>
  (await gatehouse.get('/me', { token: accessToken })).body.data.email;

export async function codeToMove(gatehouse: Gatehouse, who: Mover, newEmail: string): Promise<string> {
  const [newest] = await messagesTo(newEmail);
  expect((await askToMove(gatehouse, who, newEmail)).status).toBe(200);
  return codeIn(await nextMessageTo(newEmail, newest && { after: newest }));
}

/** By the link that the old mailbox got. */
export const takeBack = (gatehouse: Gatehouse, token: string) =>
  gatehouse.post('/change-email/cancel', { token });

/** Moves the account to a new address; the links are those of the old mailbox. */
export async function move(gatehouse: Gatehouse, who: Mover, newEmail = freshAddress()) {
  const [newest] = await messagesTo(who.email);
  const code = await codeToMove(gatehouse, who, newEmail);
  const notice = linkTokenIn(await mailWith(who.email, /A new address/, newest));
  expect((await confirmMove(gatehouse, who, code)).status).toBe(200);
  const changed = linkTokenIn(await mailWith(who.email, /was changed[\s\S]*#token=/, newest));
  return { newEmail, notice, changed, moved: { ...who, email: newEmail } };
}
