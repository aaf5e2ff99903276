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
  'FACTOR_SECRETS',
  'TICKET_SECRETS',
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
  const unfit = { ...bindings, ENVIRONMENT: 'staging', SESSION_IDLE_SECONDS: 'soon' };
  expect(() => readApiConfig(unfit)).toThrow(
    /SESSION_IDLE_SECONDS is not a whole.*NEON_HTTP_URL is for local/,
  );
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
  [`${'k'.repeat(17)}:${Buffer.alloc(32).toString('base64url')}`, 'not of the form'],
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
  for (const wrong of [
    twice,
    { current: { ...keys.current, crv: 'P-384' } },
    { current: { ...keys.current, kid: '' } },
    { retired: [] },
    'text',
  ]) {
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

test.each([
  ['ACCESS_TOKEN_SECONDS', 1, 3_600],
  ['REFRESH_GRACE_SECONDS', 0, 60],
  ['PASSWORD_MIN_LENGTH', 8, 64],
  ['PASSWORD_MAX_LENGTH', 64, 256],
  ['VERIFICATION_CODE_SECONDS', 1, 600],
  ['VERIFICATION_CODE_TRIES', 1, 10],
  ['RESET_LINK_SECONDS', 60, 86_400],
  ['LOGIN_TRIES', 1, 100],
  ['LOGIN_FAILURES_IN_A_ROW', 1, 1_000],
  ['LIMITER_TIMEOUT_MS', 50, 450],
])('no deployment can set %s below %i or above %i, beyond which it guards nothing', (name, least, most) => {
  const read = (value: number) => () => readApiConfig({ ...bindings, [name]: String(value) });
  for (const value of [least, most]) expect(read(value)).not.toThrow();
  for (const value of [least - 1, most + 1, least + 0.5])
    expect(read(value)).toThrow(`${name} is not a whole number from ${least} to ${most}`);
});

test.each([
  ['DATABASE_URL', ['postgres', 'postgresql://db.gatehouse.dev', 'mysql://a:b@db.gatehouse.dev/gatehouse']],
  ['PRODUCT_NAME', ['Gatehouse\r\nBcc: eve@example.com', 'Gate\u0007house']],
  ['RESEND_WEBHOOK_SECRET', ['whsec_c2hvcnQ=', 'on', 'c2hvcnQ']],
  ['ALLOWED_ORIGINS', ['ftp://app.example.com']],
  ['LOG_LEVEL', ['loud']],
])('a malformed %s stops start-up, and is not repeated', (name, values) => {
  for (const value of values) {
    const read = () => readApiConfig({ ...bindings, [name]: value });
    expect(read, value).toThrow(`Configuration refused: ${name} `);
    expect(read, value).not.toThrow(`: ${name} ${value}`);
  }
});

test.each([
  ['APP_URL', ['app.gatehouse.dev', 'javascript:alert(1)', 'mailto:help@gatehouse.dev']],
  ['SUPPORT_URL', ['help@gatehouse.dev', 'javascript:alert(1)', 'mailto:a@b.dev?subject=x', 'mailto:']],
  ['MAIL_LANGUAGE', ['fr', 'DE']],
])('a %s that mails cannot use stops start-up', (name, values) => {
  for (const value of values)
    expect(() => readJobsConfig({ ...bindings, [name]: value }), value).toThrow(`refused: ${name} `);
});

test('mails need no app and no support, whose address may be a page or a mailbox', () => {
  expect(readJobsConfig(bindings)).toMatchObject({ appUrl: undefined, supportUrl: undefined });
  for (const SUPPORT_URL of ['https://gatehouse.dev/help', 'mailto:help@gatehouse.dev'])
    expect(readJobsConfig({ ...bindings, SUPPORT_URL }).supportUrl).toBe(SUPPORT_URL);
});

test('who starts it on a laptop without a database is told what to start first', () => {
  expect(() => readApiConfig({})).toThrow('npm run dev:services');
  for (const given of [{ ENVIRONMENT: 'production' }, { DATABASE_URL: bindings.DATABASE_URL }])
    expect(() => readApiConfig(given)).not.toThrow('npm run dev:services');
});
