/** Wrangler as a tool: run to its end, quiet, under the Node that runs this; and its reading of a configuration. */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { root, tool } from './paths.ts';

/** `output` is stdout, and of a failure stderr too. */
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

/** What wrangler makes of a `wrangler.toml`, given relative to the root. Loading wrangler takes seconds: only here. */
export async function readWranglerConfig(config: string, environment: string) {
  const { unstable_readConfig: read } = await import('wrangler');
  return read({ config: join(root, config), env: environment }, { hideWarnings: true });
}
