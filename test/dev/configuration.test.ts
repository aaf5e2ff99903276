/** What is made from the table of settings. */
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { exampleFile, settingsTable, withOwnTable } from '../../dev/document-settings.ts';
import { readAdminConfig, readApiConfig, readJobsConfig } from '../../src/config/read.ts';
import { constantCase, settings } from '../../src/config/settings.ts';
import { keyKinds } from '../../tooling/key-values.ts';

const read = (path: string) => readFileSync(path, 'utf8');

test('.dev.vars.example and the table of docs/operations.md are what `npm run settings` makes', () => {
  expect(read('.dev.vars.example')).toBe(exampleFile());
  expect(read('docs/operations.md')).toContain(`\n${settingsTable()}\n`);
});

test('every setting is explained once in each, and says what it means', () => {
  const names = Object.keys(settings).map(constantCase);
  const inExample = [...exampleFile().matchAll(/^([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name);
  expect(inExample).toEqual([...names, 'PORT', 'MAILBOX_PORT', 'ADMIN_PORT']);
  const inTable = [...settingsTable().matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(inTable).toEqual(names);
  // A bar would end a cell of the table.
  for (const { meaning } of Object.values(settings)) expect(meaning).toMatch(/^[^|\n]{5,}\.$/);
});

test('the example, with secrets, is the same as no word at all', () => {
  const secrets = {
    ...Object.fromEntries(Object.entries(keyKinds).map(([name, { make }]) => [name, make()])),
    DATABASE_URL: 'postgresql://a:b@localhost/gatehouse',
    RESEND_API_KEY: 'x',
    UPSTASH_REDIS_REST_URL: 'https://redis.example',
    UPSTASH_REDIS_REST_TOKEN: 'x',
    RESEND_WEBHOOK_SECRET: 'off',
  };
  const example = { ...parseEnv(exampleFile()), ...secrets };
  expect(readApiConfig(example)).toEqual(readApiConfig(secrets));
  expect(readJobsConfig(example)).toEqual(readJobsConfig(secrets));
  expect(readAdminConfig(example)).toEqual(readAdminConfig(secrets));
});

test('docs/self-host.md has the settings of a self-hosted service', () => {
  const page = readFileSync('docs/self-host.md', 'utf8');
  expect(page).toBe(withOwnTable(page));
  expect(page).toContain('`TRUSTED_PROXIES`');
});
