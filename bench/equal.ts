/** Some pairs of `npm run bench:equal`, as rows of the table: the requests by which a stranger could test an address. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, tool } from '../tooling/paths.ts';
import type { Row } from './report.ts';

/** With fewer rounds the interval is too wide for any verdict. */
const ROUNDS = 160;
/** How the names of the pairs begin. */
const ASKED = [
  'sign-up,',
  'sign-up once more',
  'a resend, for a sign-up of',
  'a wrong password, for a known',
  'a forgotten password, for a known',
];

type Told = { testResults: { assertionResults: { title: string; meta: Partial<Row> }[] }[] };

export function equalAnswers(): Row[] {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const file = join(folder, 'told.json');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...[tool.vitest, 'run', '--config', 'bench/vitest.config.ts', '--root', '.', '--reporter=json'],
      ...['--outputFile', file, '-t', `^(${ASKED.join('|')})`],
    ],
    { cwd: root, encoding: 'utf8', env: { ...process.env, BENCH_ROUNDS: String(ROUNDS) } },
  );
  const told = JSON.parse(readFileSync(file, 'utf8')) as Told;
  rmSync(folder, { recursive: true });
  const rows = told.testResults.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ title, meta: { is, isMissed = true } }) =>
      is === undefined ? [] : [{ name: `by time: ${title}`, is, budget: 'equal', isMissed }],
    ),
  );
  if (rows.length !== ASKED.length) throw new Error(`of equal answers came ${stdout}${stderr}`);
  return rows;
}
