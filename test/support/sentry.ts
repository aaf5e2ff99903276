/**
 * A stand-in for Sentry, mounted on the control server: keeps the envelopes sent to project 1, each under the public
 * key of its DSN; project 2 never answers.
 */
import { Hono } from 'hono';

export function sentry(): Hono {
  const received = new Map<string, string[]>();
  return new Hono()
    .post('/api/1/envelope/', async (c) => {
      const key = c.req.query('sentry_key') ?? '';
      received.set(key, [...(received.get(key) ?? []), await c.req.text()]);
      return c.json({ id: 'x' });
    })
    .post('/api/2/envelope/', () => new Promise<never>(() => {}))
    .get('/envelopes/:key', (c) => c.json(received.get(c.req.param('key')) ?? []));
}
