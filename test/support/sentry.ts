/**
 * A stand-in for Sentry, mounted on the control server: keeps the envelopes sent to project 1, each under the public
 * key of its DSN; project 2 never answers; project 3 keeps every second one and fails at the others.
 */
import { type Context, Hono } from 'hono';

export function sentry(): Hono {
  const received = new Map<string, string[]>();
  let turn = 0;
  const keep = async (c: Context) => {
    const key = c.req.query('sentry_key') ?? '';
    received.set(key, [...(received.get(key) ?? []), await c.req.text()]);
    return c.json({ id: 'x' });
  };
  return new Hono()
    .post('/api/1/envelope/', keep)
    .post('/api/3/envelope/', async (c) => (turn++ % 2 === 0 ? c.body(null, 500) : keep(c)))
    .post('/api/2/envelope/', () => new Promise<never>(() => {}))
    .get('/envelopes/:key', (c) => c.json(received.get(c.req.param('key')) ?? []));
}
