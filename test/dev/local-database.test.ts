/** What the commands say of a database that they find in `.data`. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../tooling/free-port.ts';
import { copyCheckout } from '../support/checkout.ts';

test('the data of an older release are left alone, in one sentence that names the cure', async () => {
  const { folder, remove } = copyCheckout();
  try {
    mkdirSync(join(folder, '.data/postgres'), { recursive: true });
    writeFileSync(join(folder, '.data/postgres/PG_VERSION'), '18\n');
    for (const line of [
      ['dev/main.mjs', 'services'],
      ['cli/main.ts', 'migrate', 'status'],
    ]) {
      const { status, stderr } = spawnSync(process.execPath, line, {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, MAILBOX_PORT: String(await freePort()) },
      });
      expect({ status, stderr }, line.join(' ')).toEqual({
        status: 1,
        stderr:
          'The database in .data/postgres was made by an older Gatehouse: `npm run dev:reset` starts from an empty one.\n',
      });
    }
  } finally {
    remove();
  }
});
