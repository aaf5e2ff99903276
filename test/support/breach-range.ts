/** Stand-in for a range service of breached passwords: it knows one, pads its answers, and keeps what it was asked. */
import { createHash } from 'node:crypto';
import { Hono } from 'hono';

export const BREACHED = 'known from somewhere else';

const digest = createHash('sha1').update(BREACHED).digest('hex').toUpperCase();

export function breachRangeApi(): Hono {
  const asked: { path: string; padding: string | undefined }[] = [];
  return new Hono()
    .get('/asked', (c) => c.json(asked))
    .get('/:mode/range/:prefix', async (c) => {
      const prefix = c.req.param('prefix');
      asked.push({ path: c.req.path, padding: c.req.header('add-padding') });
      if (c.req.param('mode') === 'hang') await new Promise<never>(() => {});
      if (c.req.param('mode') === 'down') return c.text('', 503);
      if (c.req.param('mode') === 'garbage') return c.text('<html>');
      const isKnown = digest.startsWith(prefix);
      const count = c.req.param('mode') === 'padding' ? 0 : 7;
      return c.text(
        [`${'0'.repeat(35)}:0`, ...(isKnown ? [`${digest.slice(5)}:${count}`] : [])].join('\r\n'),
      );
    });
}
