/** The gateway as a process of its own, asked over its socket as a Worker asks it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, vi } from 'vitest';

type Answer = { status: number; body: Record<string, unknown> & { rows?: string[][] } };

export async function startGateway(settings: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-gateway-'));
  const socketPath = join(folder, 'gateway.sock');
  const token = 'x'.repeat(43);
  const whole = (values: Record<string, string>) => ({
    GATEWAY_SOCKET: socketPath,
    GATEWAY_TOKEN: token,
    POSTGRES_POOL_SIZE: '2',
    ...values,
  });
  const child = spawn(process.execPath, ['selfhost/gateway/main.ts'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: whole(settings),
  });
  const ended = once(child, 'exit');
  const events: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    if (stream)
      createInterface({ input: stream }).on('line', (line) => {
        events.push(/"event":"(gateway\.\w+)"/.exec(line)?.[1] ?? `output ${line}`);
      });

  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      request(
        { socketPath, path, method: 'POST', headers: { Host: 'localhost', ...headers } },
        async (response) => {
          const said = await text(response);
          const status = response.statusCode ?? 0;
          resolve({ status, body: said.startsWith('{') ? JSON.parse(said) : { text: said } });
        },
      )
        .once('error', reject)
        .end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  await vi.waitFor(() => post('/health', ''), { timeout: 80_000 });

  return {
    post,
    sql: (query: string, password = token) =>
      post(
        '/sql',
        { query, params: [] },
        {
          'Neon-Connection-String': `postgresql://api:${password}@db.gateway.internal/gatehouse?application_name=x`,
          'Neon-Raw-Text-Output': 'true',
          'Neon-Array-Mode': 'true',
        },
      ),
    command: (...words: string[]) => post('/', words, { Authorization: `Bearer ${token}` }),
    health: async () => (await post('/health', '')).body,
    /** Gives it other settings, as the supervisor does; waits for what it says of them. */
    async reload(values: Record<string, string>): Promise<string | undefined> {
      const before = events.length;
      child.send({ settings: whole(values) });
      await expect.poll(() => events.length).toBeGreaterThan(before);
      return events[before];
    },
    async stop() {
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
      rmSync(folder, { recursive: true });
    },
  };
}
