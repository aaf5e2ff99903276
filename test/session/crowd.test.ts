/**
 * More logins at once than one isolate can hash: answers of the database arrive while the thread is held by hashes, and
 * timers fire late. Nobody is answered with a fault of ours.
 */
import { expect, test } from 'vitest';
import { FULL_PRICE, startGatehouse } from '../support/gatehouse.ts';
import { login, person, resident } from '../support/person.ts';

const CROWD = 60;

test.each(['2000', '500'])(
  'sixty logins at once, with %s ms for the database: each is judged, refused by a rule, or told to come back',
  async (timeout) => {
    const patient = startGatehouse({ PASSWORD_SCRYPT_COSTS: FULL_PRICE });
    const ada = await resident(patient);
    const gatehouse = startGatehouse({
      DATABASE_TIMEOUT_MS: timeout,
      PASSWORD_SCRYPT_COSTS: FULL_PRICE,
      PASSWORD_HASH_WAITING: '4',
    });
    const kinds = [ada, { ...ada, password: 'not her kettle' }, person()] as const;
    const answers = await Promise.all(
      Array.from({ length: CROWD }, (_, turn) => login(gatehouse, kinds[turn % kinds.length] ?? ada)),
    );
    for (const { status, headers } of answers) {
      expect([200, 401, 429, 503]).toContain(status);
      if (status === 503) expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0);
    }
  },
);
