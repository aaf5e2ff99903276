import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { startGatehouse } from '../support/gatehouse.ts';
import { login } from '../support/person.ts';

test('a request is one data point of route, outcome, latency and trips, and names nobody', async () => {
  const points: AnalyticsEngineDataPoint[] = [];
  Object.assign(env, {
    METRICS: { writeDataPoint: (point: AnalyticsEngineDataPoint) => points.push(point) },
  });
  const gatehouse = startGatehouse();
  await login(gatehouse, { name: 'x', email: 'marked@example.com', password: 'marked password' });
  await gatehouse.get('/me?token=marked');
  Object.assign(env, { METRICS: undefined });
  expect(points).toEqual([
    {
      indexes: ['/api/v1/auth/login'],
      blobs: ['POST', '/api/v1/auth/login', 'invalid_credentials', ''],
      doubles: [401, expect.any(Number), 2, expect.any(Number)],
    },
    {
      indexes: ['/api/v1/auth/me'],
      blobs: ['GET', '/api/v1/auth/me', 'invalid_token', ''],
      doubles: [401, expect.any(Number), 0, 0],
    },
  ]);
  expect(JSON.stringify(points)).not.toContain('marked');
});
