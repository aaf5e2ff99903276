/** The least that a request of this stack can cost: Hono, and one query over Neon's HTTP driver. */
import { neon, neonConfig } from '@neondatabase/serverless';
import { Hono } from 'hono';

type Bindings = { DATABASE_URL: string; NEON_HTTP_URL: string };

const app = new Hono<{ Bindings: Bindings }>();
app.get('/one', async (c) => {
  neonConfig.fetchEndpoint = c.env.NEON_HTTP_URL;
  const [row] = await neon(c.env.DATABASE_URL)`SELECT id, email, name, created_at FROM users LIMIT 1`;
  return c.json({ status: 200, data: row ?? null });
});
app.get('/health/live', (c) => c.text('ok'));

export default app;
