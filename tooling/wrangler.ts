/** Runs wrangler to its end and quietly, with the same Node, and lets it read a configuration. */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { root, tool } from './paths.ts';

/** `output` is stdout, and after a failure stderr too. */
export function runWrangler(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool.wrangler, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      WRANGLER_HIDE_BANNER: 'true',
      WRANGLER_SEND_METRICS: 'false',
    },
  });
  return { status, output: status === 0 ? stdout : stdout + stderr };
}

/**
 * How wrangler reads a `wrangler.toml`, given relative to the root. It is loaded only here, since that takes seconds.
 */
export async function readWranglerConfig(config: string, environment: string) {
  const { unstable_readConfig: read } = await import('wrangler');
  return read({ config: join(root, config), env: environment }, { hideWarnings: true });
}
