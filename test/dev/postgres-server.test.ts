/** The tests' Postgres never outlives the process that started it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { expect, it, vi } from 'vitest';
import { startPostgres } from '../support/postgres-server.ts';

async function isUp(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString });
  // A server that is on its way out may take the connection and then cut it.
  client.on('error', () => {});
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
}

it('is Postgres 18, and gone once stopped', async () => {
  const { connectionString, stop } = await startPostgres();
  const client = new Client({ connectionString });
  await client.connect();
  const { rows } = await client.query('SHOW server_version_num');
  await client.end();
  await stop();
  expect(rows[0].server_version_num).toMatch(/^18/);
  expect(await isUp(connectionString)).toBe(false);
}, 30_000);

it('goes when its owner is killed', async () => {
  const module = new URL('../support/postgres-server.ts', import.meta.url).href;
  const script = `
    const { startPostgres } = await import(${JSON.stringify(module)});
    console.log((await startPostgres()).connectionString);
  `;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [connectionString] = await once(createInterface(owner.stdout), 'line');
  expect(await isUp(connectionString)).toBe(true);
  owner.kill('SIGKILL');
  await vi.waitFor(async () => expect(await isUp(connectionString)).toBe(false), { timeout: 5_000 });
}, 30_000);
