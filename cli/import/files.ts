/** What an import leaves for the team: who has which id now, and which rows were not taken and why. One JSON object a line. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Db } from '../../src/store/db.ts';
import { listImported, listRejects } from '../../src/store/import-ends.ts';

type Written = { ids: string; rejects: string };

/** Both files are written from the database, so that a run that was killed and resumed misses none. */
export async function writeFiles(db: Db, folder: string, source: string, runId: string): Promise<Written> {
  const name = (what: string) => join(folder, `import-${source}-${runId}-${what}.ndjson`);
  const written = { ids: name('ids'), rejects: name('rejects') };
  await writeLines(
    written.ids,
    pages((last: { externalId: string } | undefined) => listImported(db, source, last?.externalId ?? '')),
  );
  await writeLines(
    written.rejects,
    pages((last: { row: number } | undefined) => listRejects(db, runId, last?.row ?? 0)),
  );
  return written;
}

async function* pages<T>(next: (last: T | undefined) => Promise<T[]>): AsyncIterable<T[]> {
  for (let page = await next(undefined); page.length > 0; page = await next(page.at(-1))) yield page;
}

async function writeLines(path: string, portions: AsyncIterable<object[]>): Promise<void> {
  const file = openSync(path, 'w', 0o600);
  try {
    for await (const portion of portions)
      writeSync(file, portion.map((one) => `${JSON.stringify(one)}\n`).join(''));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
