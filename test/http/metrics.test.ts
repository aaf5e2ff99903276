import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { fault } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { login } from '../support/person.ts';

/** A mail of an earlier test may still be delivered in this isolate, which is counted too. */
const ofRequest = ({ indexes }: AnalyticsEngineDataPoint) => /^\//.test(String(indexes?.[0]));

test('a request is one data point of route, outcome, latency and trips, and names nobody', async () => {
  const points: AnalyticsEngineDataPoint[] = [];
  Object.assign(env, {
    METRICS: { writeDataPoint: (point: AnalyticsEngineDataPoint) => points.push(point) },
  });
  const gatehouse = startGatehouse();
  await login(gatehouse, { name: 'x', email: 'marked@example.com', password: 'marked password' });
  await gatehouse.get('/me?token=marked');
  Object.assign(env, { METRICS: undefined });
  expect(points.filter(ofRequest)).toEqual([
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

test('a database that is down is counted as such, at the place that was asked', async () => {
  const points: AnalyticsEngineDataPoint[] = [];
  Object.assign(env, {
    METRICS: { writeDataPoint: (point: AnalyticsEngineDataPoint) => points.push(point) },
  });
  const gatehouse = startGatehouse({ LOG_LEVEL: 'silent' });
  await fault(gatehouse.name, { fail: 'refuse' });
  const { status } = await gatehouse.fetch(
    new Request(`${gatehouse.config.issuer}/api/v1/auth/forgot-password`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: 'ada@example.com' }),
      cf: { colo: 'LIS' } as RequestInitCfProperties,
    }),
  );
  Object.assign(env, { METRICS: undefined });
  expect(status).toBe(503);
  expect(points.filter(ofRequest).map(({ blobs }) => blobs)).toEqual([
    ['POST', '/api/v1/auth/forgot-password', 'service_unavailable', 'LIS'],
  ]);
});
