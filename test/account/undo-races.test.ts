/** An undo of a change of address, and others who want the old address at the same moment. */
import { expect, test } from 'vitest';
import { startGatehouse } from '../support/gatehouse.ts';
import { mailsOwedTo } from '../support/history.ts';
import { hold } from '../support/hold.ts';
import { move, takeBack } from '../support/move.ts';
import { login, person, signUp, verify } from '../support/person.ts';

test.each(['', '+home'])(
  'a sign-up for the old address (ada%s@) waits for a running undo, and then finds its owner there',
  async (tag) => {
    const gatehouse = startGatehouse();
    const ada = person();
    ada.email = ada.email.replace('@', `${tag}@`);
    await verify(gatehouse, await signUp(gatehouse, ada));
    const { newEmail, notice } = await move(gatehouse, {
      ...ada,
      ...(await login(gatehouse, ada)).body.data,
    });
    const held = await hold('SELECT id FROM users WHERE email = $1 FOR NO KEY UPDATE', [newEmail]);
    const undone = takeBack(gatehouse, notice);
    await held.waitedForBy(1);
    const signup = gatehouse.post('/signup', { ...person('eve'), email: ada.email });
    await held.waitedForBy(2);
    await held.letGo();
    expect((await undone).body.data).toEqual({ outcome: 'undone' });
    expect((await signup).status).toBe(200);
    expect(await mailsOwedTo(ada.email, 'already_registered')).toBe(1);
  },
);
