/** The tests' half of test/support/sentry.ts. */
import { inject } from 'vitest';

export function sentryDsn(project = '1'): { dsn: string; envelopes(): Promise<string[]> } {
  const key = crypto.randomUUID().replaceAll('-', '');
  const url = new URL(inject('env').CONTROL_URL);
  return {
    dsn: `${url.protocol}//${key}@${url.host}/${project}`,
    async envelopes() {
      return (await (await fetch(new URL(`/envelopes/${key}`, url))).json()) as string[];
    },
  };
}
