/**
 * Postgres did its work, and its answer stalls or is cut midway: for the caller that is 503 like any other failure of
 * the database, and a second try is safe. docs/operations.md says what it sees.
 */
import { expect, test } from 'vitest';
import operations from '../../../docs/operations.md?raw';
import { clearFault, fault as setFault } from '../../support/control-client.ts';
import { ASKING_NOTHING, allOf, everyone, timed } from '../../support/everyone.ts';
import { startStill } from '../../support/gatehouse.ts';
import { inAHurry } from '../../support/hurry.ts';
import { sentryDsn } from '../../support/sentry-client.ts';

const ALL_AT_ONCE = 20;

/** Those that judge something first and change something then; the others do both in one trip. */
const IN_TWO_TRIPS = [
  'POST /login',
  'POST /login/mfa',
  'POST /login/enrol/confirm',
  'POST /login/passkey',
  'POST /factors/passkeys/options',
  'DELETE /factors/passkeys/:id',
  'POST /step-up',
  'POST /factors/totp',
  'DELETE /factors/totp',
  'POST /factors/recovery-codes',
  'POST /reset-password',
  'POST /change-password',
  'POST /change-email',
  'DELETE /me',
];

test.each(['stall', 'cut'])(
  'half an answer of Postgres (%s) is 503 at each endpoint, and no fault of ours',
  async (fail) => {
    const { dsn, envelopes } = sentryDsn();
    const gatehouse = startStill({ LOG_LEVEL: 'silent', SENTRY_DSN: dsn });
    const all = await everyone(gatehouse);
    await setFault(gatehouse.name, { fail });
    const answers = await inAHurry(gatehouse, () => allOf(all, ALL_AT_ONCE));
    for (const [name, { status, body, headers }] of Object.entries(answers)) {
      expect({ status, code: body.code }, name).toEqual({ status: 503, code: 'service_unavailable' });
      expect(Number(headers.get('Retry-After')), name).toBeGreaterThan(0);
    }
    expect(await envelopes()).toEqual([]);
  },
);

test('after a 503 whose change was committed, a second try sees what the operations guide says', async () => {
  const gatehouse = startStill({ LOG_LEVEL: 'silent' });
  const { calls } = await everyone(gatehouse);
  const seen: Record<string, number> = {};
  for (const [name, call] of Object.entries(calls)) {
    if (ASKING_NOTHING.includes(name)) continue;
    await setFault(gatehouse.name, { fail: 'cut', skip: IN_TWO_TRIPS.includes(name) ? 1 : 0, times: 1 });
    expect((await timed(call)).status, name).toBe(503);
    await clearFault(gatehouse.name);
    seen[name] = (await timed(call)).status;
  }
  expect(seen).toEqual(guide());
});

/** `| POST /login | 200 | ... |` */
const guide = () =>
  Object.fromEntries(
    [...operations.matchAll(/^\| `((?:GET|POST|PATCH|DELETE) \/[^`]*)` \| (\d{3}) \|/gm)].map(
      ([, name, status]) => [name, Number(status)],
    ),
  );
