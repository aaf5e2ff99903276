/** /health: the Worker runs and its configuration was accepted. It asks nothing of any dependency. */
import type { Hono } from 'hono';
import type { AppEnv } from './context.ts';

export function mountHealth(app: Hono<AppEnv>): void {
  app.get('/health', (c) => c.json({ status: 200, message: 'ok', data: null }));
}
