/** Plain `wrangler dev`, as people of the platform work: beside `npm run dev:services`, and without it. */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyKinds } from '../../tooling/key-values.ts';
import { copyCheckout } from '../support/checkout.ts';
import { type Command, freePorts, startCommand } from '../support/command.ts';
import { production } from '../support/production.ts';

type Mail = { text: string };

const { folder, remove } = copyCheckout();
const started: Command[] = [];
let ports: number[] = [];

const run = (line: string[], env?: Record<string, string>) => {
  const command = startCommand(folder, line, {
    WRANGLER_SEND_METRICS: 'false',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    ...env,
  });
  started.push(command);
  return command;
};
const wrangler = (...args: string[]) =>
  run([
    ...['npx', 'wrangler', 'dev', '--port', String(ports[0]), '--inspector-port', '0'],
    ...['--show-interactive-dev-session=false', ...args],
  ]);

beforeAll(async () => {
  ports = await freePorts(2);
});

afterAll(async () => {
  for (const command of started.reverse()) await command.stop();
  remove();
});

test('without the services it says what to start', async () => {
  const alone = wrangler();
  await alone.untilSaid('start `npm run dev:services` first');
  await alone.untilSaid('DATABASE_URL is missing');
  await alone.stop();
});

test('a production Worker that must not start does not, and names everything that is wrong', async () => {
  const keys = Object.fromEntries(Object.entries(keyKinds).map(([name, { make }]) => [name, make()]));
  const signing = JSON.parse(keys.ACCESS_TOKEN_KEYS ?? '');
  const settings: Record<string, string> = {
    ...production,
    ...keys,
    ACCESS_TOKEN_KEYS: JSON.stringify({ current: { ...signing.current, d: signing.next.d } }),
    PASSWORD_PEPPERS: keys.REFRESH_TOKEN_SECRETS ?? '',
    PASSWORD_SCRYPT_COSTS: 'ln=17,r=8,p=5',
    ALLOWED_ORIGINS: 'https://app.gatehouse.dev,http://app.gatehouse.dev',
    UPSTASH_REDIS_REST_TOKEN: 'changeme',
  };
  const file = join(folder, '.dev.vars');
  const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  const refused = wrangler();
  for (const fault of [
    'Configuration refused',
    'ACCESS_TOKEN_KEYS has a key whose parts do not belong together',
    'PASSWORD_PEPPERS has a key of another setting, REFRESH_TOKEN_SECRETS',
    'PASSWORD_SCRYPT_COSTS has a cost that the platform refuses',
    'ALLOWED_ORIGINS must be https',
    'UPSTASH_REDIS_REST_TOKEN is not random',
  ])
    await refused.untilSaid(fault);
  await refused.stop();
  rmSync(file);
  for (const secret of [signing.next.d, settings.PASSWORD_PEPPERS?.slice(9), 'changeme'])
    expect(refused.output()).not.toContain(secret);
});

test('beside the services both Workers run, told where they are and what the command was told', async () => {
  const mailbox = `http://localhost:${ports[1]}`;
  const services = run(['npm', 'run', 'dev:services'], {
    MAILBOX_PORT: String(ports[1]),
    PRODUCT_NAME: "Ada's Gate",
    // A busy machine is no database that is down.
    DATABASE_TIMEOUT_MS: '20000',
  });
  await services.untilSaid('Ctrl-C stops');
  const workers = wrangler('-c', 'wrangler.toml', '-c', 'src/jobs/wrangler.toml');
  await workers.untilSaid('Ready on');

  const answer = await fetch(`http://localhost:${ports[0]}/api/v1/auth/signup`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'a long and quiet river' }),
  });
  expect(answer.status, workers.output()).toBe(200);
  const mails = async () =>
    (await (await fetch(`${mailbox}/api/messages?to=ada@example.com`)).json()) as Mail[];
  await expect.poll(mails).toHaveLength(1);
  expect((await mails())[0]?.text).toContain("Ada's Gate");
  await workers.stop();

  await services.stop();
  expect(existsSync(join(folder, 'src/jobs/.dev.vars'))).toBe(false);
  const kept = parseEnv(readFileSync(join(folder, '.dev.vars'), 'utf8'));
  expect(Object.keys(kept).sort()).toEqual(Object.keys(keyKinds).sort());
  expect(statSync(join(folder, '.dev.vars')).mode & 0o777).toBe(0o600);
});

test('what its owner writes stays, and a file that others could read is closed to them', async () => {
  const file = join(folder, '.dev.vars');
  appendFileSync(file, 'SESSIONS_MAX=3');
  chmodSync(file, 0o644);
  const services = run(['npm', 'run', 'dev:services'], { MAILBOX_PORT: String(ports[1]) });
  await services.untilSaid('Ctrl-C stops');
  expect(parseEnv(readFileSync(file, 'utf8')).DATABASE_URL).toBeDefined();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  appendFileSync(file, 'SESSIONS_MAX=4\n');
  // As after a fault, the part of the stack is left in the file; the next one finds and replaces it.
  await services.kill();
  expect(parseEnv(readFileSync(file, 'utf8')).DATABASE_URL).toBeDefined();
  const next = run(['npm', 'run', 'dev:services'], { MAILBOX_PORT: String(ports[1]) });
  await next.untilSaid('Ctrl-C stops');
  await next.stop();
  const kept = parseEnv(readFileSync(file, 'utf8'));
  expect(Object.keys(kept).sort()).toEqual([...Object.keys(keyKinds), 'SESSIONS_MAX'].sort());
  expect(kept.SESSIONS_MAX).toBe('4');
});
