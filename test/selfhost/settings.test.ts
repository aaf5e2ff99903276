/** The settings of a self-hosted service: the same table, the same sentences, and who gets which value. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readSelfHosted } from '../../selfhost/settings.ts';
import { readApiConfig, readJobsConfig } from '../../src/config/read.ts';
import { keyKinds } from '../../tooling/key-values.ts';
import { production, randomText } from '../support/production.ts';

const keys = Object.fromEntries(Object.entries(keyKinds).map(([name, { make }]) => [name, make()]));
const { UPSTASH_REDIS_REST_URL: _, UPSTASH_REDIS_REST_TOKEN: __, ...common } = production;
const good = {
  ...common,
  ...keys,
  DATABASE_URL: `postgresql://gatehouse_api:${randomText()}@localhost/gatehouse`,
  JOBS_DATABASE_URL: `postgresql://gatehouse_jobs:${randomText()}@localhost/gatehouse`,
  REDIS_URL: 'redis://localhost:6379',
};
const token = randomText();
const refusal = (values: Record<string, string>) => {
  try {
    readSelfHosted({ ...good, ...values }, token);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

test('services on the same machine are allowed, and each process starts with what it is given', () => {
  const { env, listen } = readSelfHosted(good, token);
  expect(listen).toEqual({ host: '0.0.0.0', port: 8080 });
  expect(readApiConfig(env.api).databaseUrl).toContain('gateway.internal');
  expect(readJobsConfig(env.jobs).mailFrom).toBe(production.MAIL_FROM);
});

test('no Worker gets a database password, and only the jobs get the key for mail', () => {
  const { env } = readSelfHosted(good, token);
  const api = JSON.stringify(env.api) + JSON.stringify(env.front);
  for (const name of ['DATABASE_URL', 'JOBS_DATABASE_URL', 'REDIS_URL', 'RESEND_API_KEY'] as const)
    expect(api, name).not.toContain(good[name]);
  expect(JSON.stringify(env.gateway)).not.toContain(good.RESEND_API_KEY);
  expect(JSON.stringify(env.gateway)).not.toContain(good.JOBS_DATABASE_URL);
});

test.each([
  [{ DATABASE_URL: '' }, 'DATABASE_URL is missing'],
  [
    { JOBS_DATABASE_URL: 'postgresql://jobs:secret@localhost/x' },
    'JOBS_DATABASE_URL has a password that is not random',
  ],
  [{ REDIS_URL: 'https://redis.gatehouse.dev' }, 'REDIS_URL is not a redis:// or rediss:// URL'],
  [{ ISSUER: 'http://localhost:8787' }, 'ISSUER must be https outside local work'],
  [{ TRUSTED_PROXIES: '10.0.0.0/8,proxy' }, 'TRUSTED_PROXIES is not a list of addresses and networks'],
  [{ TRUSTED_PROXIES: '10.0.0.0/80' }, 'TRUSTED_PROXIES is not a list'],
  [{ LISTEN: '8080' }, 'LISTEN is not an address and a port'],
  [{ RESEND_API_KEY: '' }, 'RESEND_API_KEY is missing'],
  [{ CLIENT_ADDRESS_HEADER: 'X Forwarded' }, 'CLIENT_ADDRESS_HEADER is not the name of a header'],
])('%j is refused', (values, sentence) => {
  const said = refusal(values);
  expect(said).toContain(sentence);
  // Never a value: it could be a secret.
  expect(said).not.toContain('secret');
});

test('with a mail server no key of Resend is needed', () => {
  const { env } = readSelfHosted(
    { ...good, RESEND_API_KEY: '', SMTP_URL: 'smtps://me:pass@mail.gatehouse.dev' },
    token,
  );
  expect(() => readJobsConfig(env.jobs)).not.toThrow();
});

test('values come from the file of settings, and the environment wins', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'gatehouse.env');
  writeFileSync(
    file,
    Object.entries(good)
      .map(([name, value]) => `${name}='${value}'\n`)
      .join(''),
  );
  const { env, listen } = readSelfHosted(
    { SETTINGS_FILE: file, LISTEN: '[::]:443', PRODUCT_NAME: 'Ours' },
    token,
  );
  expect(listen).toEqual({ host: '::', port: 443 });
  expect(readApiConfig(env.api)).toMatchObject({ productName: 'Ours', issuer: production.ISSUER });
});
