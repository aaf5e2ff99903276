/**
 * Around each file of the workers project: tests look into the database of the workerd that they run in, and what was
 * answered is told to the run (never-seen.ts).
 */
import { env } from 'cloudflare:workers';
import { afterEach } from 'vitest';
import { takeSeen } from './contract.ts';
import { queryIn } from './control-client.ts';

queryIn((env as unknown as { DATABASE_URL: string }).DATABASE_URL);

afterEach(({ task: { file } }) => {
  file.meta.answers = [...(file.meta.answers ?? []), ...takeSeen()];
});
