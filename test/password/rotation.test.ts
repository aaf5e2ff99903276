/** New peppers and new costs, with people whose records are made with the old ones: nobody outside can see it. */
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { keyKinds } from '../../tooling/key-values.ts';
import { linesOf } from '../support/console.ts';
import { query } from '../support/control-client.ts';
import { freshClient, type Gatehouse, startGatehouse, steadyHeaders } from '../support/gatehouse.ts';
import { deviceOf, guess, LOCKED, PATIENT, tryLogin, WRONG } from '../support/guesses.ts';
import { login, type Person, person, resident } from '../support/person.ts';

const { PASSWORD_PEPPERS: oldPeppers = '' } = env as unknown as Record<string, string>;
const PASSWORD_PEPPERS = keyKinds.PASSWORD_PEPPERS.rotate(oldPeppers);
const PASSWORD_SCRYPT_COSTS = 'ln=5,r=8,p=1;ln=4,r=8,p=1';
const [NEW, OLD] = [
  { N: 32, r: 8, p: 1 },
  { N: 16, r: 8, p: 1 },
];
/** All records so far are made with the old pepper and the old cost. */
const ROTATIONS = [
  ['two peppers', { PASSWORD_PEPPERS }, [OLD]],
  ['two costs', { PASSWORD_SCRYPT_COSTS }, [NEW, OLD]],
  ['two peppers and two costs', { PASSWORD_PEPPERS, PASSWORD_SCRYPT_COSTS }, [NEW, OLD]],
] as const;

async function recordOf({ email }: Person): Promise<string | undefined> {
  const [row] = await query<{ hash: string }>(
    'SELECT password_hash AS hash FROM users WHERE email = $1 AND email_verified_at IS NOT NULL',
    [email],
  );
  return row?.hash;
}

/** The answer to a login and what it took, without what differs from request to request. */
async function answerTo(gatehouse: Gatehouse, who: Person) {
  let answer: Awaited<ReturnType<typeof login>> | undefined;
  let trips = 0;
  const hashes = await gatehouse.hashesOf(async () => {
    ({ answer, count: trips } = await gatehouse.tripsOf(() => login(gatehouse, who)));
  });
  if (answer === undefined) throw new Error('no answer');
  const { id, ...body } = answer.body;
  return {
    answer: { ...body, requestId: '', hasId: id !== undefined, headers: steadyHeaders(answer) },
    work: { hashes, trips },
  };
}

test.each(ROTATIONS)(
  '%s: an attacker’s own sign-up shows nothing about the address',
  async (_, settings, costs) => {
    const taken = await resident(startGatehouse());
    const gatehouse = startGatehouse(settings);
    const mallory = person('mallory');
    const [onTaken, onFree] = [{ ...mallory, email: taken.email }, mallory];
    for (const { name, email, password } of [onTaken, onFree])
      expect((await gatehouse.post('/signup', { name, email, password })).status).toBe(200);

    const [one, other] = [await answerTo(gatehouse, onTaken), await answerTo(gatehouse, onFree)];
    expect(one).toEqual(other);
    expect(one.answer).toMatchObject({ status: 403, code: 'email_not_verified', hasId: true });
    expect(one.work.hashes).toEqual(costs);
  },
);

test.each(ROTATIONS)(
  '%s: a wrong password, an unknown address and a lock cost the same',
  async (_, settings, costs) => {
    const taken = await resident(startGatehouse());
    const gatehouse = startGatehouse({ ...settings, LOGIN_STRANGER_TRIES: '1' });
    for (const locked of [false, true]) {
      const [known, unknown] = [
        await answerTo(gatehouse, { ...taken, password: 'a wrong password' }),
        await answerTo(gatehouse, person('nobody')),
      ];
      expect(known.answer.code).toBe(locked ? 'login_locked' : 'invalid_credentials');
      if (!locked) expect(known).toEqual(unknown);
      expect(known.work.hashes).toEqual(costs);
    }
  },
);

test.each(ROTATIONS)(
  '%s: a login renews the record, once, for no hash more, also when two race',
  async (_, settings, costs) => {
    const ada = await resident(startGatehouse());
    const old = await recordOf(ada);
    const gatehouse = startGatehouse(settings);
    const hashes = await gatehouse.hashesOf(async () => {
      const answers = await Promise.all([login(gatehouse, ada), login(gatehouse, ada)]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    });
    expect(hashes).toEqual([...costs, ...costs]);
    const renewed = await recordOf(ada);
    expect(renewed).not.toBe(old);

    const [newestPepper] = gatehouse.config.passwordPeppers;
    const [newestCost] = costs;
    expect(renewed).toContain(`ln=${Math.log2(newestCost.N)},r=8,p=1,keyid=${newestPepper.id}$`);
    expect((await login(gatehouse, ada)).status).toBe(200);
    expect(await recordOf(ada)).toBe(renewed);
  },
);

test('what sets a password hashes at the newest cost alone', async () => {
  const gatehouse = startGatehouse({ PASSWORD_SCRYPT_COSTS });
  const { name, email, password } = person();
  expect(await gatehouse.hashesOf(() => gatehouse.post('/signup', { name, email, password }))).toEqual([NEW]);
});

test('a new pepper reopens nothing: a switched-off password stays off, a lock stays a lock', async () => {
  const settings = { ...PATIENT, LOGIN_FAILURES_IN_A_ROW: '6', LOGIN_STRANGER_TRIES: '1000' };
  const before = startGatehouse(settings);
  const [ada, bob] = [await resident(before), await resident(before, 'bob')];
  const client = freshClient();
  await guess(before, ada, 6);
  await guess(before, bob, 5, () => client);

  const after = startGatehouse({ ...settings, PASSWORD_PEPPERS });
  expect(await tryLogin(after, ada, ada.password)).toMatchObject(LOCKED);
  expect(await tryLogin(after, bob, bob.password, { client })).toMatchObject(LOCKED);
  // It uses up no try of the owner's own device, or of others.
  expect((await tryLogin(after, ada, ada.password, { deviceToken: await deviceOf(after, ada) })).status).toBe(
    200,
  );
  expect((await tryLogin(after, bob, bob.password)).status).toBe(200);
});

test('a pepper or a cost retired too early: for its people a wrong password, for the operator an error', async () => {
  const ada = await resident(startGatehouse());
  const later = [
    ['keyid', startGatehouse({ PASSWORD_PEPPERS: keyKinds.PASSWORD_PEPPERS.retire(PASSWORD_PEPPERS) })],
    ['ln=4', startGatehouse({ PASSWORD_SCRYPT_COSTS: 'ln=5,r=8,p=1' })],
  ] as const;
  for (const [named, gatehouse] of later) {
    const { answer: known, lines } = await linesOf(() => answerTo(gatehouse, ada));
    const unknown = await answerTo(gatehouse, person('nobody'));
    expect(known).toEqual(unknown);
    expect(known.answer).toMatchObject(WRONG.body);
    const [line] = lines.map((text) => JSON.parse(text));
    expect(line).toMatchObject({ level: 'error', event: 'password.unreadable' });
    expect(line.settings).toContain(named);
    expect(lines.join()).not.toContain((await recordOf(ada))?.split('$')[4]);
  }
  // Nothing is lost: with the old setting the record can be read again.
  expect((await login(startGatehouse({ PASSWORD_PEPPERS }), ada)).status).toBe(200);
});
