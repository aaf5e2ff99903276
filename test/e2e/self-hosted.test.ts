/** The service without Cloudflare, from the release that the image holds, without an image. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { get as httpGet } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { copyCheckout } from '../support/checkout.ts';
import { cli } from '../support/cli.ts';
import { buildImage, isImageBuildable } from '../support/image.ts';
import { listeningOf, type SelfHosted, startSelfHosted, surroundings } from '../support/self-hosted.ts';
import { json } from '../support/stack-client.ts';

// The build gathers the assets anew, which other tests read meanwhile.
const checkout = copyCheckout();
const release = join(checkout.folder, 'dist/selfhost');
let around: Awaited<ReturnType<typeof surroundings>>;
let service: SelfHosted;

beforeAll(async () => {
  execFileSync(process.execPath, ['dev/build-selfhost.ts'], { cwd: checkout.folder });
  around = await surroundings();
  service = await startSelfHosted(release, {
    ...around.settings,
    WORKERS: '2',
    HUNG_SECONDS: '20',
  });
  await service.said('service.ready');
});
afterAll(async () => {
  service?.signal('SIGTERM');
  await service?.ended;
  await around?.close();
  checkout.remove();
});

const mailbox = () => inject('env').RESEND_BASE_URL;

/** On a connection of its own, as the clients of a kernel that shares connections. */
function ask(path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    httpGet(service.url + path, { agent: false, headers }, (response) => {
      response
        .resume()
        .once('end', () => resolve(response.statusCode ?? 0))
        .once('error', reject);
    }).once('error', reject);
  });
}

test('the whole journey', async () => {
  const { stdout, stderr } = await cli(['smoke', service.url], { env: { SMOKE_MAILBOX: mailbox() } });
  expect(stdout + stderr).toContain('All well.');
  // Both processes have answered: the kernel shares connections.
  await expect
    .poll(async () => {
      await ask('/health/live?x');
      await ask('/nowhere');
      return new Set(service.lines.filter(({ event }) => event === 'request').map((line) => line.process))
        .size;
    })
    .toBe(2);
});

test('the assets are those of the asset router, each judged by the Worker first', async () => {
  const page = await fetch(`${service.url}/verify-email`);
  expect([
    page.status,
    page.headers.get('Content-Type')?.split(';')[0],
    page.headers.get('X-Frame-Options'),
  ]).toEqual([200, 'text/html', 'DENY']);
  expect(await page.text()).toContain('<!doctype html>');
  const sheet = await fetch(`${service.url}/api-docs/assets/docs.css`);
  expect([sheet.status, sheet.headers.get('Content-Type')?.split(';')[0]]).toEqual([200, 'text/css']);
  const etag = sheet.headers.get('ETag') ?? '';
  expect((await sheet.text()).length).toBeGreaterThan(100);
  const again = await fetch(`${service.url}/api-docs/assets/docs.css`, {
    headers: { 'If-None-Match': etag },
  });
  expect(again.status).toBe(304);
  for (const path of [
    '/verify-email.html',
    '/verify-email/',
    '/pages/',
    '/pages/../../api/api.js',
    '/%2e%2e/api.js',
  ])
    expect(await ask(path), path).toBe(404);
});

test('a client cannot say who it is', async () => {
  const path = `/nowhere-${randomUUID()}`;
  await ask(path, {
    'CF-Connecting-IP': '192.0.2.66',
    'X-Forwarded-For': '192.0.2.66',
    'CF-Ray': 'chosen-by-me-1234',
  });
  await expect
    .poll(() => service.lines.filter(({ event, status }) => event === 'request' && status === 404).at(-1))
    .toMatchObject({ client: '127.0.0.0/24', requestId: expect.not.stringMatching('chosen') });
});

test('nothing but the public port listens beyond this machine, and no Worker has the password of a database', () => {
  const children = ['gateway', 'jobs', 'api-0', 'api-1'].map((name) => service.pidOf(name));
  const listening = [service.pid, ...children].flatMap(listeningOf);
  expect(new Set(listening.filter(({ isLoopback }) => !isLoopback).map(({ port }) => port))).toEqual(
    new Set([Number(new URL(service.url).port)]),
  );
  const environment = readFileSync(`/proc/${service.pidOf('api-0')}/environ`, 'utf8');
  expect(environment).toContain('gateway.internal');
  expect(environment).not.toContain(new URL(around.database.url).password);
});

test('a worker that is killed under load is replaced, and no other answer is missing', async () => {
  const victim = service.pidOf('api-0');
  let isOver = false;
  const outcomes: string[] = [];
  const load = Array.from({ length: 8 }, async () => {
    while (!isOver) outcomes.push(await ask('/.well-known/jwks.json').then(String, (error) => error.code));
  });
  await expect.poll(() => outcomes.length).toBeGreaterThan(50);
  process.kill(victim, 'SIGKILL');
  await service.said('process.ended');
  await expect.poll(() => service.pidOf('api-0')).not.toBe(victim);
  const before = outcomes.length;
  await expect.poll(() => outcomes.length).toBeGreaterThan(before + 200);
  isOver = true;
  await Promise.all(load);
  const lost = outcomes.filter((outcome) => outcome !== '200');
  // What the dead process had accepted: eight at once are the most there can be.
  expect(lost.length).toBeLessThanOrEqual(8);
  expect(lost.filter((outcome) => outcome !== 'ECONNRESET')).toEqual([]);
});

test('a worker that hangs is found and replaced', async () => {
  const victim = service.pidOf('api-1');
  process.kill(victim, 'SIGSTOP');
  expect(await service.said('process.hung')).toMatchObject({ child: 'api-1', pid: victim });
  await expect.poll(() => service.pidOf('api-1')).not.toBe(victim);
});

test('SIGHUP replaces all workers, and whoever tries again as a reverse proxy does misses no answer', async () => {
  // A connection on which nothing has been asked yet may be closed (RFC 9112 section 9.5).
  const askAgain = (triesLeft = 10): Promise<number> =>
    ask('/health/live').catch((error) => {
      if (triesLeft === 0) throw error;
      return askAgain(triesLeft - 1);
    });
  const before = ['api-0', 'api-1'].map((name) => service.pidOf(name));
  let isOver = false;
  const outcomes: string[] = [];
  const load = Array.from({ length: 4 }, async () => {
    while (!isOver) outcomes.push(await askAgain().then(String, (error) => error.code));
  });
  service.signal('SIGHUP');
  await service.said('service.reloaded');
  isOver = true;
  await Promise.all(load);
  expect(new Set(outcomes)).toEqual(new Set(['200']));
  for (const pid of before) expect(['api-0', 'api-1'].map((name) => service.pidOf(name))).not.toContain(pid);
});

test('SIGTERM lets the answers that have begun end', async () => {
  const admin = await around.database.open();
  await admin.query('BEGIN; LOCK TABLE failed_login_attempts');
  const body = { email: `${randomUUID()}@example.com`, password: 'a long and quiet river' };
  const slow = fetch(`${service.url}/api/v1/auth/login`, json(body));
  // The sweep may wait there as well.
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
    AND backend_type = 'client backend' AND wait_event_type = 'Lock' AND query NOT LIKE '%expired_0%'`;
  await expect.poll(async () => (await admin.query(waiting)).rowCount).toBeGreaterThan(0);
  service.signal('SIGTERM');
  await service.said('service.stopping');
  await admin.query('COMMIT');
  expect((await slow).status).toBe(401);
  expect(await service.ended).toBe(0);
  expect(service.lines.map(({ event }) => event)).toContain('service.stopped');
});

// Built wherever buildah is, on a Debian, by root; `.ci/run` demands it there.
describe.skipIf(process.env.IMAGE !== 'required' && !isImageBuildable())('the image', () => {
  test('it runs as 10001, cannot change itself, walks the journey, and survives a kill', async () => {
    const image = await buildImage(release);
    onTestFinished(() => image.remove());
    expect(image.config).toMatchObject({
      User: '10001:10001',
      Healthcheck: { Test: ['CMD', '/app/bin/node', '/app/bin/health.js'] },
    });
    const script =
      "try { require('fs').writeFileSync('/app/x', '') } catch (e) { console.log(process.getuid(), e.code) }";
    expect(await image.run('/app/bin/node', '-e', script)).toBe('10001 EACCES');
    await expect(image.run('/bin/sh', '-c', 'true')).rejects.toThrow();

    const settings = { ...around.settings, WORKERS: '2', HUNG_SECONDS: '20' };
    const imaged = await startSelfHosted(release, settings, image.start);
    await imaged.said('service.ready');
    const smoked = await cli(['smoke', imaged.url], { env: { SMOKE_MAILBOX: mailbox() } });
    expect(smoked.stdout + smoked.stderr).toContain('All well.');
    // It leaves with 1, and `run` fails, as long as a slow machine makes a check late.
    const health = async () => JSON.parse(await image.run('/app/bin/node', '/app/bin/health.js'));
    await expect.poll(health).toMatchObject({ ready: true });
    const victim = imaged.pidOf('api-0');
    process.kill(victim, 'SIGKILL');
    await imaged.said('process.ended');
    await expect.poll(() => imaged.pidOf('api-0')).not.toBe(victim);
    expect((await fetch(`${imaged.url}/health/live`)).status).toBe(200);
    imaged.signal('SIGTERM');
    expect(await imaged.ended).toBe(0);
  });
});
