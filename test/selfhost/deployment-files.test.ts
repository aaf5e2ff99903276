/** The Dockerfile, compose.yaml and what `self-host` writes: they fit each other and the service. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { DockerfileParser } from 'dockerfile-ast';
import { expect, onTestFinished, test } from 'vitest';
import { readSelfHosted } from '../../selfhost/settings.ts';
import { cli } from '../support/cli.ts';

const written = (file: string) => readFileSync(file, 'utf8');

test('the Dockerfile pins both bases by digest, and starts the service itself, not as root and without a shell', () => {
  const dockerfile = DockerfileParser.parse(written('Dockerfile'));
  const args = dockerfile.getInitialARGs().map((one) => one.getProperty());
  expect(args).toHaveLength(2);
  for (const arg of args)
    expect(arg?.getValue(), arg?.getName()).toMatch(/^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
  const stages = dockerfile.getFROMs().map((from) => [from.getImage(), from.getBuildStage()]);
  expect(stages).toEqual([
    [`\${NODE_IMAGE}`, 'build'],
    [`\${BASE_IMAGE}`, null],
  ]);
  const last = (keyword: string) =>
    dockerfile
      .getInstructions()
      .filter((one) => one.getKeyword() === keyword)
      .at(-1)
      ?.getArgumentsContent();
  expect(last('USER')).toBe('10001:10001');
  expect(last('ENTRYPOINT')).toBe('["/app/bin/node"]');
  expect(last('HEALTHCHECK')).toMatch(/CMD \["\/app\/bin\/node", "\/app\/bin\/health\.js"\]$/);
  expect(last('COPY')).toBe('/source/dist/selfhost /app');
});

test('what init writes is what the service accepts, and is written once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const words = [
    'self-host',
    'init',
    folder,
    '--issuer',
    'https://auth.gatehouse.dev',
    '--audience',
    'https://api.gatehouse.dev',
  ];
  const init = (sender: string) => cli([...words, '--mail-from', sender]);
  expect((await init("Ada's <no-reply@gatehouse.dev>")).stderr).toContain('MAIL_FROM has a character');
  expect((await init('Gatehouse <no-reply@gatehouse.dev>')).status).toBe(0);
  const again = await init('Gatehouse <no-reply@gatehouse.dev>');
  expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('is there already')]);

  const settings = parseEnv(written(join(folder, 'gatehouse.env')));
  const { env } = readSelfHosted(
    { ...settings, SMTP_URL: 'smtps://mail.gatehouse.dev' },
    'a token of the test, long enough',
  );
  expect(env.api.ISSUER).toBe('https://auth.gatehouse.dev');
  const owner = parseEnv(written(join(folder, 'owner.env')));
  expect(new URL(owner.DATABASE_URL ?? '').password).toBe(written(join(folder, 'postgres-password')));
  for (const secret of Object.values(owner)) expect(JSON.stringify(env.api)).not.toContain(secret);
});

test('compose.yaml gives the service nothing to write but a small folder in memory', () => {
  const compose = written('compose.yaml');
  for (const line of [
    'read_only: true',
    'cap_drop: [ALL]',
    'no-new-privileges:true',
    'stop_grace_period: 15s',
  ])
    expect(compose).toContain(line);
  expect(compose).toContain('127.0.0.1:8080:8080');
});
