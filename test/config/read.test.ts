import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { readApiConfig, readJobsConfig } from '../../src/config/read.ts';

const bindings = env as unknown as Record<string, string>;
const SECRETS = [
  'DATABASE_URL',
  'ACCESS_TOKEN_KEYS',
  'REFRESH_TOKEN_SECRETS',
  'PASSWORD_PEPPERS',
  'PASSWORD_SALT_SECRET',
  'MAIL_SECRETS',
  'UPSTASH_REDIS_REST_URL',
  'UPSTASH_REDIS_REST_TOKEN',
];

test.each(SECRETS)('a missing %s stops start-up by name', (name) => {
  expect(() => readApiConfig({ ...bindings, [name]: '' })).toThrow(`${name} is missing`);
  expect(() => readApiConfig({ ...bindings, [name]: undefined })).toThrow(`${name} is missing`);
});

test('everything that is wrong is named at once', () => {
  for (const name of SECRETS) expect(() => readApiConfig({})).toThrow(`${name} is missing`);
  expect(() => readJobsConfig({})).toThrow(/DATABASE_URL.*MAIL_SECRETS.*RESEND_API_KEY/);
});

test.each([
  ['k1:c2hvcnQ', 'shorter than 32 bytes'],
  [`k1:${Buffer.alloc(32).toString('base64url')}`, 'not random'],
  [`k1:${Buffer.from('change-me-change-me-change-me-change-me').toString('base64url')}`, 'not random'],
  [
    `k1:${Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64url')}`,
    'shorter than 32 bytes',
  ],
  ['no key id', 'not of the form'],
])('a weak or malformed secret stops start-up without being repeated: %s', (value, fault) => {
  let message = '';
  try {
    readApiConfig({ ...bindings, REFRESH_TOKEN_SECRETS: value });
  } catch (error) {
    message = String(error);
  }
  expect(message).toContain('REFRESH_TOKEN_SECRETS');
  expect(message).toContain(fault);
  expect(message).not.toContain(value.slice(3));
});

test.each([
  ['c2hvcnQ', 'shorter than 32 bytes'],
  ['not/base64url', 'is not base64url'],
  [Buffer.alloc(32).toString('base64url'), 'not random'],
])('the salt secret is as strong as a key, and is not repeated either: %s', (value, fault) => {
  const read = () => readApiConfig({ ...bindings, PASSWORD_SALT_SECRET: value });
  expect(read).toThrow(fault);
  expect(read).not.toThrow(value);
});

test('a cost that no hash can run at stops start-up', () => {
  const read = () => readApiConfig({ ...bindings, PASSWORD_SCRYPT_COSTS: 'ln=17,r=8,p=1' });
  expect(read).toThrow('PASSWORD_SCRYPT_COSTS has a cost that takes more than 32 MiB');
});

test('a key ring names each key once', () => {
  const key = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
  const ring = (ids: string[]) => ids.map((id) => `${id}:${key()}`).join(',');
  const read = (text: string) => () => readApiConfig({ ...bindings, REFRESH_TOKEN_SECRETS: text });
  expect(read(ring(['k2', 'k1']))).not.toThrow();
  expect(read(ring(['k2', 'k1', 'k2']))).toThrow('REFRESH_TOKEN_SECRETS has one key id twice');
});

test('signing keys must be P-256 with distinct ids, and are never repeated', () => {
  const keys = JSON.parse(bindings.ACCESS_TOKEN_KEYS ?? '');
  const twice = { ...keys, next: { ...keys.next, kid: keys.current.kid } };
  expect(() => readApiConfig({ ...bindings, ACCESS_TOKEN_KEYS: JSON.stringify(twice) })).toThrow(
    'ACCESS_TOKEN_KEYS has one kid twice',
  );
  for (const wrong of [twice, { current: { ...keys.current, crv: 'P-384' } }, { retired: [] }, 'text']) {
    const read = () => readApiConfig({ ...bindings, ACCESS_TOKEN_KEYS: JSON.stringify(wrong) });
    expect(read).toThrow('ACCESS_TOKEN_KEYS');
    expect(read).not.toThrow(keys.current.d);
  }
});

test('numbers have bounds and are named as they are set', () => {
  expect(() => readApiConfig({ ...bindings, SESSION_IDLE_SECONDS: '-1' })).toThrow('SESSION_IDLE_SECONDS');
  expect(() => readApiConfig({ ...bindings, ACCESS_TOKEN_SECONDS: 'soon' })).toThrow('ACCESS_TOKEN_SECONDS');
  expect(readApiConfig({ ...bindings, ACCESS_TOKEN_SECONDS: '60' }).accessTokenSeconds).toBe(60);
  expect(readApiConfig({ ...bindings, ACCESS_TOKEN_SECONDS: '' }).accessTokenSeconds).toBe(900);
});
