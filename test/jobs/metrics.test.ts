import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countEvent } from '../../src/jobs/metrics.ts';
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
  await expect.poll(() => of('mail.batch').some(({ doubles }) => (doubles?.[2] ?? 0) > 0)).toBe(true);
  await expect.poll(() => of('queue.batch')).not.toEqual([]);
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

test('a mail that is given up counts as dead, what the sweep queued is a number and no fault', () => {
  const mailId = crypto.randomUUID();
  const seen: unknown[] = [];
  const metrics = { writeDataPoint: (point: unknown) => seen.push(point) } as AnalyticsEngineDataset;
  countEvent(metrics, { event: 'mail.dead', mailId, kind: 'verify_email', attempts: 3, failure: '500' });
  countEvent(metrics, { event: 'mail.refused', mailId, kind: 'verify_email', attempts: 1, failure: '422' });
  countEvent(metrics, { event: 'mail.swept', queued: 7, buried: 0 });
  const point = (event: string, result: string, doubles: number[]) => ({
    indexes: [event],
    blobs: [event, result],
    doubles,
  });
  expect(seen).toEqual([
    point('mail.dead', 'fault', [0, 0, 0, 0, 0, 0, 0, 1, 0]),
    point('mail.refused', 'fault', [0, 0, 0, 0, 0, 0, 0, 0, 0]),
    point('mail.swept', 'ok', [0, 0, 0, 0, 0, 0, 0, 0, 7]),
  ]);
});
