/** Runs a real import in Node, for tests in workerd that then log in through the front door. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { importPeople } from '../../cli/import/run.ts';
import { parseImportFormats } from '../../src/lib/import-formats.ts';
import { parseKeyRing } from '../../src/lib/key-ring.ts';
import { openDb } from '../../src/store/db.ts';
import { FIREBASE } from './foreign-hashes.ts';

/** `database` is a connection string, `text` the content of the file. */
export type ImportRequest = {
  database: string;
  neonHttpUrl: string;
  source: string;
  ending: string;
  text: string;
  formats: string;
  peppers: string;
  factorSecrets?: string;
};

export const importRoute = (): Hono =>
  new Hono().post('/import', async (c) => {
    const { database, neonHttpUrl, ...asked } = await c.req.json<ImportRequest>();
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-moved-'));
    const path = join(folder, `people${asked.ending}`);
    writeFileSync(path, asked.text);
    try {
      const settings = {
        formats: parseImportFormats(asked.formats),
        peppers: parseKeyRing(asked.peppers),
        factorSecrets: asked.factorSecrets === undefined ? undefined : parseKeyRing(asked.factorSecrets),
        resetOthers: false,
        dropFactors: false,
        now: new Date(),
      };
      const job = { source: asked.source, path, settings, sourceSettings: { firebase: FIREBASE.keys } };
      const db = openDb({ databaseUrl: database, neonHttpUrl, databaseTimeoutMs: 20_000 });
      const { counts } = await importPeople(db, { ...job, isDryRun: false, isResumed: false }, () => {});
      return c.json(counts);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
