import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyCheckout } from '../support/checkout.ts';

test('dev:reset with any word behind it, --help first of all, removes nothing', () => {
  const { folder, remove } = copyCheckout();
  const data = join(folder, '.data/postgres');
  const reset = (...words: string[]) =>
    spawnSync(process.execPath, ['dev/reset.mjs', ...words], { cwd: folder, encoding: 'utf8' });
  try {
    mkdirSync(data, { recursive: true });
    for (const [word, status] of [
      ['--help', 0],
      ['--hepl', 2],
      ['postgres', 2],
    ] as const) {
      const ended = reset(word);
      expect(ended.status, word).toBe(status);
      expect(ended.stdout + ended.stderr).toContain('Usage: npm run dev:reset');
      expect(existsSync(data), word).toBe(true);
    }
    expect(reset().status).toBe(0);
    expect(existsSync(data)).toBe(false);
  } finally {
    remove();
  }
});
