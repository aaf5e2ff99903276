/** What a deployment refuses to start with, though each value is well formed. */
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { readApiConfig, readJobsConfig } from '../../src/config/read.ts';
import { randomText, production as settings } from '../support/production.ts';

const bindings = env as unknown as Record<string, string>;
const production = { ...bindings, ...settings };
const readBoth = (settings: Record<string, unknown>) => () => [
  readApiConfig(settings),
  readJobsConfig(settings),
];

test('production and staging take their own values', () => {
  for (const PASSWORD_SCRYPT_COSTS of ['ln=13,r=8,p=10;ln=12,r=8,p=1', 'ln=15,r=8,p=3'])
    expect(readBoth({ ...production, PASSWORD_SCRYPT_COSTS })).not.toThrow();
  expect(readBoth(production)).not.toThrow();
  for (const more of [
    { UPSTASH_REDIS_REST_TOKEN: 'AXzq93LmRk7Wd2Vb' },
    { UPSTASH_REDIS_REST_TOKEN: 'zxcvbnmasdzxcvbnmasd' },
    // A name in a URL is nobody's secret.
    { UPSTASH_REDIS_REST_URL: 'https://qwerty-password.gatehouse.dev' },
  ])
    expect(readBoth({ ...production, ...more })).not.toThrow();
  expect(readBoth({ ...production, ENVIRONMENT: 'staging' })).not.toThrow();
});

test.each([
  ['NEON_HTTP_URL', 'https://elsewhere.gatehouse.dev', 'is for local work'],
  ['PASSWORD_SCRYPT_COSTS', 'ln=14,r=8,p=4', "starts with a cost below OWASP's minimum"],
  ['PASSWORD_SCRYPT_COSTS', 'ln=9,r=8,p=99;ln=14,r=8,p=5', 'starts with a cost below'],
  ['PASSWORD_SCRYPT_COSTS', 'ln=12,r=8,p=32', 'starts with a cost below'],
  ['ISSUER', 'http://auth.gatehouse.dev', 'must be https'],
  ['ISSUER', 'HTTP://auth.gatehouse.dev', 'must be https'],
  ['ISSUER', '', 'must be https'],
  ['ISSUER', 'https://auth.example.com', 'is still the example'],
  ['ISSUER', 'https://auth.example.com/login', 'is still the example'],
  ['ISSUER', 'https://auth.gatehouse.invalid', 'is still the example'],
  ['ISSUER', 'https://auth.gatehouse.test', 'is still the example'],
  ['ISSUER', 'https://auth.example.net', 'is still the example'],
  ['ISSUER', 'https://localhost', 'is on this machine'],
  ['ISSUER', 'https://auth.localhost', 'is on this machine'],
  ['ISSUER', 'https://127.8.9.10', 'is on this machine'],
  ['ISSUER', 'https://0.0.0.0', 'is on this machine'],
  ['LINK_BASE_URL', 'http://auth.gatehouse.dev', 'must be https'],
  ['SENTRY_DSN', 'http://key@sentry.gatehouse.dev/1', 'must be https'],
  ['BREACH_URL', 'http://breach.gatehouse.dev', 'must be https'],
  ['AUDIENCE', '', 'is still the default'],
  ['AUDIENCE', 'https://api.example.com', 'is still the example'],
  ['APP_URL', 'http://app.gatehouse.dev', 'must be https'],
  ['APP_URL', 'https://app.example.com', 'is still the example'],
  ['SUPPORT_URL', 'https://localhost/help', 'is on this machine'],
  ['SUPPORT_URL', 'mailto:help@example.com', 'is still the example'],
  ['MAIL_FROM', '', 'is still the example'],
  ['MAIL_FROM', 'no-reply@mail.example.org', 'is still the example'],
  ['ALLOWED_ORIGINS', 'http://app.gatehouse.dev', 'must be https'],
  ['ALLOWED_ORIGINS', 'https://app.gatehouse.dev,http://app.gatehouse.dev', 'must be https'],
  ['ALLOWED_ORIGINS', 'https://app.gatehouse.dev,https://app.example.com', 'is still the example'],
  ['ALLOWED_ORIGINS', 'https://app.example.com:8443', 'is still the example'],
  [
    'DATABASE_URL',
    `postgresql://a:${randomText()}@localhost:5432/gatehouse`,
    'is a local or unencrypted database',
  ],
  ['DATABASE_URL', `postgresql://a:${randomText()}@[::1]/gatehouse`, 'is a local or unencrypted database'],
  ['DATABASE_URL', `postgresql://a:${randomText()}@db.gatehouse.dev/gatehouse?sslmode=disable`, 'is a local'],
  [
    'DATABASE_URL',
    'postgresql://gatehouse_api:xK7q-change%6De-9QzVb2Lm@db.gatehouse.dev/gatehouse',
    'has a password that is',
  ],
  [
    'DATABASE_URL',
    'postgresql://gatehouse_api@db.gatehouse.dev/gatehouse',
    'has a password that is not random',
  ],
  ['UPSTASH_REDIS_REST_URL', 'http://redis.gatehouse.dev', 'must be https'],
  ['UPSTASH_REDIS_REST_TOKEN', 'changeme', 'is not random'],
  ['UPSTASH_REDIS_REST_TOKEN', `${randomText()}-change-me`, 'is not random'],
  ['UPSTASH_REDIS_REST_TOKEN', 'abababababababababababababababab', 'is not random'],
  ['UPSTASH_REDIS_REST_TOKEN', 'AXzq93LmRk7Wd2V', 'is not random'],
  ['UPSTASH_REDIS_REST_TOKEN', 'zxcvbnmaszxcvbnmas', 'is not random'],
  ['UPSTASH_REDIS_REST_TOKEN', 'QzX-1234567890-Lm', 'is not random'],
  ['UPSTASH_REDIS_REST_TOKEN', '9KmVQwErTy2LpBz7', 'is not random'],
  ['UPSTASH_REDIS_REST_TOKEN', '9KmVPassWord2LpB', 'is not random'],
  ['RESEND_API_KEY', 're_local', 'is not random'],
])('staging and production refuse %s=%s, which local work accepts', (name, value, fault) => {
  const settings = { ...production, [name]: value };
  for (const ENVIRONMENT of ['staging', 'production'])
    expect(readBoth({ ...settings, ENVIRONMENT }), ENVIRONMENT).toThrow(`${name} ${fault}`);
  expect(readBoth({ ...settings, ENVIRONMENT: 'local' })).not.toThrow();
});

test.each([
  ['RESEND_BASE_URL', 'https://mail-catcher.gatehouse.dev', 'is for local work'],
  ['ALLOWED_ORIGINS', 'http://localhost:5173', 'must be https'],
])('staging may have %s=%s, production may not', (name, value, fault) => {
  const settings = { ...production, [name]: value };
  expect(readBoth({ ...settings, ENVIRONMENT: 'staging' })).not.toThrow();
  expect(readBoth(settings)).toThrow(`${name} ${fault}`);
});

const key = `k1:${randomText()}`;
const sameBytes = `other:${key.slice(3)}`;
const d = JSON.parse(bindings.ACCESS_TOKEN_KEYS ?? '').current.d as string;

test.each([
  ['PASSWORD_PEPPERS', { REFRESH_TOKEN_SECRETS: key, PASSWORD_PEPPERS: key }, 'REFRESH_TOKEN_SECRETS'],
  ['MAIL_SECRETS', { REFRESH_TOKEN_SECRETS: key, MAIL_SECRETS: sameBytes }, 'REFRESH_TOKEN_SECRETS'],
  [
    'MAIL_SECRETS',
    { PASSWORD_PEPPERS: `k2:${randomText()},${key}`, MAIL_SECRETS: sameBytes },
    'PASSWORD_PEPPERS',
  ],
  ['PASSWORD_SALT_SECRET', { PASSWORD_PEPPERS: key, PASSWORD_SALT_SECRET: key.slice(3) }, 'PASSWORD_PEPPERS'],
  ['MAIL_SECRETS', { MAIL_SECRETS: `signing:${d}` }, 'ACCESS_TOKEN_KEYS'],
  ['UPSTASH_REDIS_REST_TOKEN', { MAIL_SECRETS: key, UPSTASH_REDIS_REST_TOKEN: key.slice(3) }, 'MAIL_SECRETS'],
  [
    'RESEND_WEBHOOK_SECRET',
    {
      MAIL_SECRETS: key,
      RESEND_WEBHOOK_SECRET: `whsec_${Buffer.from(key.slice(3), 'base64url').toString('base64')}`,
    },
    'MAIL_SECRETS',
  ],
])('%s with a key of another setting is refused everywhere, and not repeated', (name, settings, owner) => {
  for (const ENVIRONMENT of ['local', 'staging', 'production']) {
    const read = () => readApiConfig({ ...production, ...settings, ENVIRONMENT });
    expect(read, ENVIRONMENT).toThrow(`${name} has a key of another setting, ${owner}`);
    for (const secret of [key.slice(3), d]) expect(read).not.toThrow(secret);
  }
});

test('one key under two ids of a ring is refused', () => {
  const read = () => readApiConfig({ ...production, MAIL_SECRETS: `${key},${sameBytes}` });
  expect(read).toThrow('MAIL_SECRETS has one key twice');
});

test('a signing key must sign what its public half verifies, and none may be off the curve', () => {
  const { current, next } = JSON.parse(bindings.ACCESS_TOKEN_KEYS ?? '');
  const read = (keys: object) => () =>
    readApiConfig({ ...production, ACCESS_TOKEN_KEYS: JSON.stringify(keys), ENVIRONMENT: 'local' });
  expect(read({ current, next, retired: [] })).not.toThrow();
  for (const wrong of [
    { current: { ...current, d: next.d }, next },
    { current, next: { ...next, d: current.d } },
    { current: { ...current, x: current.y, y: current.x } },
    { current, retired: [{ ...next, d: undefined, x: current.x }] },
  ]) {
    expect(read(wrong)).toThrow('ACCESS_TOKEN_KEYS has a key whose parts do not belong together');
    for (const secret of [current.d, next.d]) expect(read(wrong)).not.toThrow(secret);
  }
});

test('a hash that the platform would refuse to compute is refused at the start', () => {
  for (const cost of ['ln=17,r=8,p=5', 'ln=14,r=8,p=9', 'ln=14,r=8,p=5;ln=18,r=8,p=1'])
    expect(() => readApiConfig({ ...production, PASSWORD_SCRYPT_COSTS: cost })).toThrow(
      'PASSWORD_SCRYPT_COSTS',
    );
});
