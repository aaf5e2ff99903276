import { spawnSync } from 'node:child_process';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { readApiConfig } from '../../src/config/read.ts';

const DATABASE_URL = 'postgresql://gatehouse:gatehouse@localhost/gatehouse';

function keys(
  args: string[],
  present = '',
): { values: NodeJS.Dict<string>; status: number | null; output: string; said: string } {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['cli/keys.ts', ...args], {
    encoding: 'utf8',
    input: present,
  });
  return { values: parseEnv(stdout), status, output: stdout, said: stderr };
}

const elsewhere = {
  DATABASE_URL,
  UPSTASH_REDIS_REST_URL: 'https://redis.example',
  UPSTASH_REDIS_REST_TOKEN: 'x',
  RESEND_WEBHOOK_SECRET: 'off',
};
const configOf = (values: NodeJS.Dict<string>) => readApiConfig({ ...values, ...elsewhere });
const ids = (ring: readonly { id: string }[]) => ring.map(({ id }) => id);

test('make prints secrets that the Workers accept, other ones each time', () => {
  const [one, other] = [keys(['make']), keys(['make'])];
  expect(() => configOf(one.values)).not.toThrow();
  for (const name of Object.keys(one.values)) expect(one.values[name]).not.toBe(other.values[name]);
});

test('rotate puts a new key in front of each ring and keeps the old ones; retire leaves the newest', () => {
  const before = keys(['make']);
  const rotated = keys(['rotate'], before.output);
  const twice = keys(['rotate'], rotated.output);
  const retired = keys(['retire'], twice.output);
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
  expect(rotated.output).not.toContain(a.accessTokenKeys.current.d);
  expect(rotated.said).toContain('retire after');
  for (const { values } of [rotated, twice, retired])
    expect(values.PASSWORD_SALT_SECRET).toBe(before.values.PASSWORD_SALT_SECRET);
  expect(rotated.said).toContain('PASSWORD_SALT_SECRET: is never rotated');
});

test('one secret can be rotated alone', () => {
  const { output, values: before } = keys(['make']);
  const { values } = keys(['rotate', 'MAIL_SECRETS'], output);
  expect(Object.keys(values)).toEqual(['MAIL_SECRETS']);
  expect(values.MAIL_SECRETS?.endsWith(`,${before.MAIL_SECRETS}`)).toBe(true);
});

test.each([
  ['nothing to do', [], '', 'make|rotate|retire'],
  ['an unknown secret', ['rotate', 'SECRET'], '', 'make|rotate|retire'],
  ['a secret that is not there', ['rotate', 'MAIL_SECRETS'], 'OTHER=1\n', 'MAIL_SECRETS is not among'],
  [
    'a signing key that is not JSON',
    ['rotate', 'ACCESS_TOKEN_KEYS'],
    'ACCESS_TOKEN_KEYS=secret-marker\n',
    'is not JSON',
  ],
])('%s is refused without printing a value', (_, args, present, fault) => {
  const { status, output, said } = keys(args, present);
  expect({ status, output }).toEqual({ status: 1, output: '' });
  expect(said).toContain(fault);
  expect(said).not.toContain('secret-marker');
});
