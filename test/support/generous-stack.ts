/** `npm run dev` in a copy of the checkout, with limits too high to be reached and patience for a busy machine. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseLimits } from '../../src/config/limits.ts';
import { freePort } from '../../tooling/free-port.ts';
import { copyCheckout } from './checkout.ts';
import { startCommand } from './command.ts';

/** All limits, whatever they are called. */
const PLENTY = Object.keys(parseLimits('login=1/60')).map((name) => `${name}=100000/3600`);

export async function startGenerousStack(
  ports: { api: number; mailbox: number },
  settings: Record<string, string> = {},
): Promise<{ api: string; mailbox: string; admin: string; stop(): Promise<void> }> {
  const { folder, remove } = copyCheckout();
  const adminPort = await freePort();
  countInProcess(join(folder, 'wrangler.toml'));
  const stack = startCommand(folder, ['npm', 'run', 'dev'], {
    PORT: String(ports.api),
    MAILBOX_PORT: String(ports.mailbox),
    ADMIN_PORT: String(adminPort),
    LIMITS: PLENTY.join(';'),
    // One person after the other, and each has their answers on a busy machine, too.
    PASSWORD_HASH_WAITING: '64',
    DATABASE_TIMEOUT_MS: '20000',
    ...settings,
  });
  await stack.untilSaid('Ctrl-C stops');
  return {
    api: `http://localhost:${ports.api}`,
    mailbox: `http://localhost:${ports.mailbox}`,
    admin: `http://localhost:${adminPort}`,
    async stop() {
      await stack.stop();
      remove();
    },
  };
}

/** What the binding counts stands in that file, so that hundreds of calls in a minute would be too many. */
function countInProcess(config: string): void {
  writeFileSync(config, readFileSync(config, 'utf8').replace(/^ratelimits = \[[^\]]*\]\n/m, ''));
}
