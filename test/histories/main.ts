/** `npm run explore -- [--seed N] [--runs N]`: histories from a fresh seed, or from the one that found something. */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { seed: { type: 'string' }, runs: { type: 'string' } } });
const EXPLORE_SEED = values.seed ?? String(randomInt(2 ** 31));
const EXPLORE_RUNS = values.runs ?? '1000';
if (![EXPLORE_SEED, EXPLORE_RUNS].every((value) => /^\d+$/.test(value))) {
  console.error('--seed and --runs take a whole number.');
  process.exit(2);
}
console.log(`npm run explore -- --seed ${EXPLORE_SEED} --runs ${EXPLORE_RUNS}`);
const words = ['vitest', 'run', '--config', 'test/histories/vitest.config.ts', '--root', '.'];
const { status } = spawnSync('npx', words, {
  stdio: 'inherit',
  env: { ...process.env, EXPLORE_SEED, EXPLORE_RUNS },
});
process.exit(status ?? 1);
