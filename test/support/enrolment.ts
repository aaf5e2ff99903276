/** A service that wants a second factor of everybody, and people who have none yet. */
import { expect } from 'vitest';
import { query } from './control-client.ts';
import { type Gatehouse, startGatehouse } from './gatehouse.ts';
import { codeIn, type Message, messagesTo } from './mailbox.ts';
import { login, type Person } from './person.ts';

/** It has the people and the clock of the other one. */
export const strictBeside = ({ clock }: Pick<Gatehouse, 'clock'>): Gatehouse =>
  startGatehouse({ MFA_REQUIRED: 'all', LIMITS: 'mfa=1000/900;login=1000/900' }, {}, clock);

export type Owed = { ticket: string; code: string };

/** The ticket of a right password, and the code that it was answered with by mail. */
export async function enrolmentOwed(strict: Gatehouse, who: Person): Promise<Owed> {
  const { status, body } = await login(strict, who);
  expect(status, JSON.stringify(body)).toBe(200);
  expect(body.data.methods).toEqual(['enrolment']);
  const [waiting] = await query<{ mailId: string }>(
    `SELECT t.mail_id AS "mailId" FROM verification_tokens t JOIN users u ON u.id = t.user_id
     WHERE u.email = $1 AND t.purpose = 'enrol'`,
    [who.email],
  );
  // Mails of logins before may arrive later: the one that is waited for is named by its id.
  const mail = async () =>
    (await messagesTo(who.email)).find(({ idempotencyKey }) =>
      idempotencyKey?.includes(waiting?.mailId ?? 'none'),
    );
  await expect.poll(mail).toBeDefined();
  return { ticket: body.data.ticket, code: codeIn((await mail()) as Message) };
}

export type App = { secret: string; ticket: string };

/** The secret that is shown for the mailed code. */
export async function appShown(strict: Gatehouse, who: Person): Promise<App> {
  const { status, body } = await strict.post('/login/enrol', await enrolmentOwed(strict, who));
  expect(status, JSON.stringify(body)).toBe(200);
  return body.data;
}
