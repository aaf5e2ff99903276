/** The door for the team's own Workers: over a real RPC call, whatever the caller sends. */
import { exports } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { Admin } from '../../src/admin/index.ts';
import { accountsOf } from '../support/accounts.ts';
import { actsOn } from '../support/admin.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { endsOf } from '../support/history.ts';
import { loggedIn } from '../support/person.ts';

type Entrypoint = (options: { props: unknown }) => Service<Admin>;
/** As another Worker of the account binds it. */
const boundAs = (props: unknown) => (exports as unknown as { Admin: Entrypoint }).Admin({ props });
const desk = () => boundAs({ caller: 'support-desk' });
const who = { operator: 'bob@example.com', reason: 'ticket 4711' };

test('a Worker acts for the operator that it names, and both are stored', async () => {
  const gatehouse = startGatehouse();
  const { email } = await loggedIn(gatehouse);
  const [{ id } = { id: '' }] = await accountsOf(email);
  expect(await desk().find({ operator: who.operator }, email)).toMatchObject({ ok: true, data: [{ id }] });
  expect(await desk().act(who, 'logout', id)).toEqual({ ok: true, data: 'done' });
  expect(await endsOf(email)).toEqual(['operator']);
  expect(await desk().show({ operator: who.operator }, id)).toMatchObject({
    ok: true,
    data: { account: { id } },
  });
  expect(await desk().export(who, id)).toMatchObject({ ok: true, data: { account: { id } } });
  expect(await desk().suppress(who, email, true)).toEqual({ ok: true, data: true });
  const acts = await actsOn(email);
  expect(acts.length).toBe(4);
  for (const { operator, door } of acts)
    expect([operator, door]).toEqual(['support-desk: bob@example.com', 'rpc']);
});

test('a binding without the name of its Worker does nothing', async () => {
  const { email } = await loggedIn(startGatehouse());
  const [{ id } = { id: '' }] = await accountsOf(email);
  for (const props of [undefined, {}, { caller: '' }, { caller: 'a: b' }, { caller: ['desk'] }]) {
    expect(await boundAs(props).act(who, 'disable', id)).toEqual({ ok: false, code: 'invalid_credentials' });
    expect(await boundAs(props).find({ operator: 'bob' }, email)).toMatchObject({ ok: false });
  }
  expect(await actsOn(email)).toEqual([]);
});

test('there are five calls, and what does not fit is refused, whatever it is', async () => {
  const callable = Object.getOwnPropertyNames(Admin.prototype).toSorted();
  expect(callable).toEqual(['act', 'constructor', 'export', 'find', 'show', 'suppress']);
  const { email } = await loggedIn(startGatehouse());
  const [{ id } = { id: '' }] = await accountsOf(email);
  // biome-ignore lint/suspicious/noExplicitAny: what a caller without types may send
  const admin = desk() as any;
  for (const [operator, what, whose] of [
    [{ operator: 'bob' }, 'disable', id],
    [{ ...who, door: 'access' }, 'disable', id],
    [who, 'setPassword', id],
    [who, 'constructor', id],
    [who, 'disable', { id }],
    [null, 'disable', id],
    [who, 'disable', 'no id'],
    [{ ...who, reason: '' }, 'disable', id],
  ])
    expect(await admin.act(operator, what, whose)).toMatchObject({ ok: false, code: 'validation_failed' });
  expect(await admin.act(who, 'disable', crypto.randomUUID())).toEqual({ ok: true, data: 'unknown' });
  expect(await actsOn(email)).toEqual([]);
});
