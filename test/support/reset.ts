/** A forgotten password, step by step through the front door. */
import { expect } from 'vitest';
import { query } from './control-client.ts';
import type { Gatehouse } from './gatehouse.ts';
import { type Message, messagesTo, nextMessageTo } from './mailbox.ts';
import type { Person } from './person.ts';

export const REFUSED = { status: 400, body: { code: 'invalid_code' } };
export const NEW_PASSWORD = 'a brand new kettle';

export const forgot = (gatehouse: Gatehouse, { email }: { email: string }) =>
  gatehouse.post('/forgot-password', { email });
export const reset = (gatehouse: Gatehouse, token: string, newPassword = NEW_PASSWORD) =>
  gatehouse.post('/reset-password', { token, newPassword });

export async function resetMail(gatehouse: Gatehouse, who: Person): Promise<Message> {
  const [newest] = await messagesTo(who.email);
  expect((await forgot(gatehouse, who)).status).toBe(200);
  return nextMessageTo(who.email, newest && { after: newest });
}

export const eventsOf = (email: string, kinds: string) =>
  query<{ kind: string }>(
    `SELECT kind FROM security_events JOIN users u ON u.id = user_id WHERE u.email = $1 AND kind LIKE $2 ORDER BY security_events.id`,
    [email, kinds],
  );
