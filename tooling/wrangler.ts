/** Runs wrangler to its end and gives what it said; quiet, and under the Node that runs this. */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
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
