/** What the health check asks (selfhost/health.ts): whether every process is there and answers. */
import { serveSocket } from '../../tooling/loopback.ts';
import type { Keeper } from './keeper.ts';

export const serveControl = (path: string, keepers: () => Keeper[], isServing: () => boolean) =>
  serveSocket(() => {
    const processes = Object.fromEntries(keepers().map((one) => [one.name, one.isUp() ? 'up' : 'down']));
    const isReady = isServing() && Object.values(processes).every((state) => state === 'up');
    return Response.json({ ready: isReady, processes }, { status: isReady ? 200 : 503 });
  }, path);
