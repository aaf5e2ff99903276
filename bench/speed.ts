/**
 * `npm run bench [-- --quick] [-- --only part,part]`: what the built API costs, beside the floor of the stack and an
 * empty Worker, in one interleaved run. Writes the table of README.md and the cost page, and exits 1 where a budget is
 * missed. Compare ratios only: the milliseconds are those of this machine on this day.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeCosts } from '../dev/document-cost.ts';
import { readApiConfig } from '../src/config/read.ts';
import { buildWorkers, bundled } from './bundles.ts';
import { partsOf } from './parts.ts';
import { makePerson } from './people.ts';
import { type Row, tableOf } from './report.ts';
import { benchSettings } from './settings.ts';
import { type Stage, startLoad } from './stage.ts';
import { startStores } from './stores.ts';

const { quick: isQuick = false, only } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' } },
}).values;
const TABLE = /(<!-- speed -->\n).*?(<!-- \/speed -->)/s;

const today = new Date().toISOString().slice(0, 10);
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
const before = loadavg()[0] ?? 0;
const load = startLoad();
const stores = await startStores();
try {
  const { rows, costs } = await measure();
  const table = tableOf(rows, noise());
  console.log(table);
  if (only === undefined) {
    const readme = readFileSync('bench/README.md', 'utf8');
    writeFileSync('bench/README.md', readme.replace(TABLE, `$1${table}$2`));
  }
  // A quick run has neither a million people nor enough calls.
  const { endpoints, bytesPerPerson } = costs;
  if (!isQuick && endpoints && bytesPerPerson) writeCosts({ on: today, bytesPerPerson, endpoints });
  if (rows.some(({ isMissed }) => isMissed)) process.exitCode = 1;
} finally {
  load.stop();
  await stores.close();
  rmSync(folder, { recursive: true });
}

async function measure(): Promise<{ rows: Row[]; costs: Stage['costs'] }> {
  const built = buildWorkers();
  const settings = benchSettings();
  const database = await stores.database('bench');
  const start = bundled(folder, stores, settings);
  const targets = {
    api: await start.api(database),
    floor: await start.floor(database),
    empty: await start.empty(database),
  };
  try {
    const person = () => makePerson(database, targets.api.url);
    const people: Stage['people'] = [await person(), await person(), await person()];
    const config = readApiConfig({ ...settings, ...stores.bindings, DATABASE_URL: database.url });
    const stage: Stage = { stores, database, targets, start, config, people, load, isQuick, costs: {} };
    const rows: Row[] = [];
    for (const [name, part] of partsOf(isQuick, only?.split(','))) {
      const started = performance.now();
      rows.push(...(await part(stage)));
      console.error(`${name}: ${((performance.now() - started) / 1_000).toFixed(0)} s`);
    }
    rows.push({ name: 'bundles', is: built, budget: 'npm run build' });
    return { rows, costs: stage.costs };
  } finally {
    await Promise.all(Object.values(targets).map((target) => target.stop()));
  }
}

function noise(): string {
  const [after = 0] = loadavg();
  return `Measured on ${today}${isQuick ? ', quickly,' : ''} on ${availableParallelism()} cores with a load of ${before.toFixed(1)} before and ${after.toFixed(1)} after. Ratios are to the floor in the same interleaved run.`;
}
