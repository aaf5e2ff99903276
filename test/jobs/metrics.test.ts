import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGatehouse } from '../support/gatehouse.ts';
import { person, signUp } from '../support/person.ts';
import worker from '../worker.ts';

const points: AnalyticsEngineDataPoint[] = [];
beforeAll(() => {
  Object.assign(env, {
    METRICS: { writeDataPoint: (point: AnalyticsEngineDataPoint) => points.push(point) },
  });
});
afterAll(() => {
  Object.assign(env, { METRICS: undefined });
});
const of = (event: string) => points.filter(({ blobs }) => blobs?.[0] === event);

test('a batch that came through the queue is counted, and so are the mails in it; nobody is named', async () => {
  const ada = person();
  await signUp(startGatehouse(), ada);
  // double3 is what was sent.
  await expect
    .poll(() => of('mail.batch').some(({ doubles }) => (doubles?.[2] ?? 0) > 0), { timeout: 20_000 })
    .toBe(true);
  await expect.poll(() => of('queue.batch'), { timeout: 20_000 }).not.toEqual([]);
  expect(of('queue.batch')[0]).toEqual({
    indexes: ['queue.batch'],
    blobs: ['queue.batch', 'ok'],
    doubles: [expect.any(Number), expect.any(Number), 0, 0, 0, 0, 0, 0, 0],
  });
  expect(of('queue.batch')[0]?.doubles?.[1]).toBeGreaterThan(0);
  expect(JSON.stringify(points)).not.toContain(ada.email);
});

test('every run of the schedule is counted', async () => {
  await worker.scheduled({} as ScheduledController, env, createExecutionContext());
  expect(of('jobs.sweep')).toContainEqual({
    indexes: ['jobs.sweep'],
    blobs: ['jobs.sweep', 'ok'],
    doubles: [expect.any(Number), 0, 0, 0, 0, 0, 0, 0, 0],
  });
});
