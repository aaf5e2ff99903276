import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { readApiConfig } from '../../src/config/read.ts';
import { copyCheckout } from '../support/checkout.ts';
import { cli, cliProcess } from '../support/cli.ts';

const keys = async (words: string[], input = '') => {
  const ended = await cli(['keys', ...words], { input });
  return { ...ended, values: parseEnv(ended.stdout) };
};

const elsewhere = {
  DATABASE_URL: 'postgresql://gatehouse:gatehouse@localhost/gatehouse',
  UPSTASH_REDIS_REST_URL: 'https://redis.example',
  UPSTASH_REDIS_REST_TOKEN: 'x',
  RESEND_WEBHOOK_SECRET: 'off',
};
const configOf = (values: NodeJS.Dict<string>) => readApiConfig({ ...values, ...elsewhere });
const ids = (ring: readonly { id: string }[]) => ring.map(({ id }) => id);
const ALL = ['--all', '--from', '-'];

test('make prints secrets that the Workers accept, other ones each time', async () => {
  const [one, other] = [await keys(['make', '--all']), await keys(['make', '--all'])];
  expect(() => configOf(one.values)).not.toThrow();
  for (const name of Object.keys(one.values)) expect(one.values[name]).not.toBe(other.values[name]);
});

test('rotate puts a new key in front of each ring and keeps the old ones; retire leaves the newest', async () => {
  const before = await keys(['make', '--all']);
  const rotated = await keys(['rotate', ...ALL], before.stdout);
  const twice = await keys(['rotate', ...ALL], rotated.stdout);
  const retired = await keys(['retire', ...ALL], twice.stdout);
  const [a, b, c, d] = [before, rotated, twice, retired].map(({ values }) => configOf(values));
  if (!a || !b || !c || !d) throw new Error('four configurations');
  for (const ring of ['refreshTokenSecrets', 'passwordPeppers', 'mailSecrets'] as const) {
    expect(ids(b[ring]).slice(1)).toEqual(ids(a[ring]));
    expect(ids(c[ring]).slice(1)).toEqual(ids(b[ring]));
    expect(ids(d[ring])).toEqual(ids(c[ring]).slice(0, 1));
  }
  expect(b.accessTokenKeys.current).toEqual(a.accessTokenKeys.next);
  expect(b.accessTokenKeys.retired.map(({ kid }) => kid)).toEqual([a.accessTokenKeys.current.kid]);
  expect(c.accessTokenKeys.retired).toHaveLength(2);
  expect(d.accessTokenKeys.retired).toEqual([]);
  expect(rotated.stdout).not.toContain(a.accessTokenKeys.current.d);
  expect(rotated.stderr).toContain('retire after');
  for (const { values } of [rotated, twice, retired])
    expect(values.PASSWORD_SALT_SECRET).toBe(before.values.PASSWORD_SALT_SECRET);
  expect(rotated.stderr).toContain('PASSWORD_SALT_SECRET: is never rotated');
});

test('one secret can be rotated alone, from a file, and printed as JSON', async () => {
  const { stdout, values: before } = await keys(['make', '--all']);
  const file = join(tmpdir(), `gatehouse-keys-${process.pid}`);
  writeFileSync(file, stdout, { mode: 0o600 });
  try {
    const rotated = await keys(['rotate', 'MAIL_SECRETS', '--from', file, '--json']);
    const values = JSON.parse(rotated.stdout) as Record<string, string>;
    expect(Object.keys(values)).toEqual(['MAIL_SECRETS']);
    expect(values.MAIL_SECRETS?.endsWith(`,${before.MAIL_SECRETS}`)).toBe(true);
  } finally {
    rmSync(file);
  }
});

test('the secrets of this laptop are never taken in place of those that did not come', async () => {
  const { folder, remove } = copyCheckout();
  try {
    writeFileSync(join(folder, '.dev.vars'), (await cli(['keys', 'make', '--all'])).stdout);
    for (const [words, status, fault] of [
      [['rotate', '--all'], 2, "required option '--from <file>'"],
      [['retire', 'MAIL_SECRETS'], 2, "required option '--from <file>'"],
      [['rotate', ...ALL], 1, 'There are no values in standard input.'],
      [['retire', 'MAIL_SECRETS', '--from', '-'], 1, 'There are no values in standard input.'],
    ] as const) {
      const ended = await cliProcess(['keys', ...words], { cwd: folder });
      expect(ended, words.join(' ')).toMatchObject({ status, stdout: '' });
      expect(ended.stderr).toContain(fault);
    }
  } finally {
    remove();
  }
});

test.each([
  ['no name', ['rotate', '--from', '-'], 'MAIL_SECRETS=k:x\n', 2, 'or say --all'],
  ['a name and --all', ['make', 'MAIL_SECRETS', '--all'], '', 2, 'or say --all'],
  ['an unknown secret', ['rotate', 'SECRET', '--from', '-'], '', 2, 'Allowed choices are ACCESS_TOKEN_KEYS'],
  [
    'a secret that is not there',
    ['rotate', 'MAIL_SECRETS', '--from', '-'],
    'OTHER=1\n',
    1,
    'MAIL_SECRETS is not',
  ],
  ['white space', ['rotate', 'MAIL_SECRETS', '--from', '-'], ' \n\n', 1, 'There are no values'],
  [
    'a file that is not there',
    ['rotate', 'MAIL_SECRETS', '--from', 'no/such'],
    '',
    1,
    'no/such cannot be read: ENOENT',
  ],
  [
    'a signing key that is not JSON',
    ['rotate', 'ACCESS_TOKEN_KEYS', '--from', '-'],
    'ACCESS_TOKEN_KEYS=secret-marker\n',
    1,
    'is not JSON',
  ],
  [
    'one of two that is not there, the other of which is not printed either,',
    ['rotate', 'MAIL_SECRETS', 'PASSWORD_PEPPERS', '--from', '-'],
    'MAIL_SECRETS=k:secret-marker\n',
    1,
    'PASSWORD_PEPPERS is not',
  ],
])('%s is refused without printing a value', async (_, words, present, status, fault) => {
  const ended = await keys(words, present);
  expect(ended).toMatchObject({ status, stdout: '' });
  expect(ended.stderr).toContain(fault);
  expect(ended.stderr).not.toContain('secret-marker');
});
