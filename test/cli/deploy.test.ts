/** `npm run deploy -- production --dry-run` in a copy of the checkout, offline. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { copyCheckout } from '../support/checkout.ts';
import { cliProcess } from '../support/cli.ts';

const { folder, remove } = copyCheckout();
afterAll(remove);

const deploy = (...words: string[]) =>
  cliProcess(['deploy', ...words], { cwd: folder, env: { HOME: folder } });

test('it deploys to staging and production only', async () => {
  for (const words of [[], ['local'], ['production', '--force']])
    expect(await deploy(...words)).toMatchObject({ status: 2, stdout: '' });
});

const edit = (file: string, change: (text: string) => string) =>
  writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')));

test.each(['staging', 'production'])(
  'values that are still examples stop %s before anything else',
  async (to) => {
    const { status, stdout, stderr } = await deploy(to, '--dry-run');
    expect(status).toBe(1);
    expect(stderr).toContain('MAIL_FROM is still the example');
    expect(stdout).not.toContain('bundle');
  },
);

test('filled in but for a route, the API would be out of reach: refused', async () => {
  for (const file of ['wrangler.toml', 'src/jobs/wrangler.toml', 'src/admin/wrangler.toml'])
    edit(file, (text) =>
      text.replaceAll('example.com', 'gatehouse.dev').replaceAll('fill-in-the-audience-tag', 'a4711'),
    );
  edit('wrangler.toml', (text) => text.replaceAll(/^routes = /gm, '# $&'));
  const { status, stdout, stderr } = await deploy('production', '--dry-run');
  expect(status).toBe(1);
  expect(stderr).toContain(
    'wrangler.toml, [env.production]: there is neither a route nor workers_dev = true',
  );
  expect(stdout).not.toContain('bundle');
});

test('filled in, a dry run builds the Workers and shows each command in order, touching nothing', async () => {
  edit('wrangler.toml', (text) => text.replaceAll(/^# routes = /gm, 'routes = '));
  const { status, stdout, stderr } = await deploy('production', '--admin', '--dry-run');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const commands = stdout
    .split('\n')
    .filter((line) => /^ {4}(wrangler|npm)/.test(line))
    .map((line) => line.trim());
  expect(commands).toEqual([
    'wrangler secret list --format json -c src/jobs/wrangler.toml --env production',
    'wrangler secret list --format json -c wrangler.toml --env production',
    'wrangler secret list --format json -c src/admin/wrangler.toml --env production',
    'wrangler queues create gatehouse-mail-dead',
    'wrangler queues create gatehouse-mail',
    expect.stringMatching(/^npm run migrate:up, .* up to \d{4}_/),
    'wrangler deploy --minify -c src/jobs/wrangler.toml --env production',
    'wrangler deploy --minify -c wrangler.toml --env production',
    'wrangler deploy --minify -c src/admin/wrangler.toml --env production',
  ]);
  expect(stdout.match(/KiB gzipped/g)).toHaveLength(3);
}, 240_000);
