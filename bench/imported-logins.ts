/**
 * What a login takes in workerd while a format of imported people is listed, at full price: the least of some rounds, all
 * formats in turn, without a delay of the database. Part of `npm run bench:equal`; the figures are in docs/import.md.
 */
import { test } from 'vitest';
import { FULL_PRICE, startGatehouse } from '../test/support/gatehouse.ts';
import { IMPORT_PEPPERS } from '../test/support/imported.ts';
import { login, person } from '../test/support/person.ts';

const ROUNDS = 7;
const FORMATS = [
  '',
  'bcrypt:10',
  'bcrypt:12',
  'argon2id:m=7168,t=5,p=1',
  'argon2id:m=19456,t=2,p=1',
  'scrypt:ln=14,r=8,p=1',
  'firebase-scrypt:ln=14,r=8',
  'better-auth:ln=14,r=16,p=1',
  'pbkdf2-sha256:27500',
  'pbkdf2-sha512:100000',
];

test('a login with each format listed', async () => {
  const apps = FORMATS.map((IMPORT_FORMATS) => {
    const settings = { IMPORT_FORMATS, IMPORT_PEPPERS, PASSWORD_SCRYPT_COSTS: FULL_PRICE };
    return {
      name: IMPORT_FORMATS || 'none',
      gatehouse: startGatehouse(settings),
      least: Number.POSITIVE_INFINITY,
    };
  });
  for (let round = 0; round < ROUNDS; round++)
    for (const app of apps)
      app.least = Math.min(app.least, (await login(app.gatehouse, person('nobody'))).ms);
  const [none] = apps;
  for (const { name, least } of apps)
    console.log(`| \`${name}\` | ${least.toFixed(0)} ms | ${(least - (none?.least ?? 0)).toFixed(0)} ms |`);
});
