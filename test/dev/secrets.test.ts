import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureSecrets } from '../../dev/secrets.ts';
import { keyKinds } from '../../tooling/key-values.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-secrets-'));
  file = join(folder, '.dev.vars');
});
afterEach(() => rmSync(folder, { recursive: true }));

const text = () => readFileSync(file, 'utf8');

test('a new checkout gets every secret, in a file that only its owner may read', () => {
  ensureSecrets(file);
  expect(Object.keys(parseEnv(text())).sort()).toEqual(Object.keys(keyKinds).sort());
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a secret that the file lacks is added, and what is there stays as it is', () => {
  const before = 'MAIL_SECRETS=mine\nPASSWORD_SALT_SECRET=\n# the end, without a line break';
  writeFileSync(file, before);
  ensureSecrets(file, { PASSWORD_PEPPERS: 'from the environment' });
  expect(text().startsWith(`${before}\n`)).toBe(true);
  const { MAIL_SECRETS, PASSWORD_SALT_SECRET, PASSWORD_PEPPERS } = parseEnv(text());
  expect({ MAIL_SECRETS, PASSWORD_PEPPERS }).toEqual({ MAIL_SECRETS: 'mine', PASSWORD_PEPPERS: undefined });
  expect(PASSWORD_SALT_SECRET).toMatch(/^[\w-]{43}$/);

  const whole = text();
  ensureSecrets(file, { PASSWORD_PEPPERS: 'from the environment' });
  expect(text()).toBe(whole);
});
