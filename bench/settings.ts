/** The settings of the measured API Worker: new secrets, and limits too high to be reached. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { ensureSecrets } from '../dev/secrets.ts';
import { parseLimits } from '../src/config/limits.ts';

/** All limits. */
const names = Object.keys(parseLimits(`login=1/60`));

export const benchSettings = (): Record<string, string> => ({
  ...newSecrets(),
  ENVIRONMENT: 'local',
  LOG_LEVEL: 'silent',
  RESEND_WEBHOOK_SECRET: 'off',
  SESSION_REFRESHES: '100000',
  LIMITS: names.map((name) => `${name}=100000/60`).join(';'),
});

function newSecrets(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const file = join(folder, 'secrets');
  ensureSecrets(file);
  const secrets = parseEnv(readFileSync(file, 'utf8')) as Record<string, string>;
  rmSync(folder, { recursive: true });
  return secrets;
}
