/** What `smoke` says when something is wrong. That it walks the whole journey: test/e2e/newcomer.test.ts. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../../tooling/free-port.ts';
import { cli } from '../support/cli.ts';

async function serving<T>(
  answers: Record<string, [number, unknown]>,
  work: (origin: string) => Promise<T>,
): Promise<T> {
  const server = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ''] ?? [404, { code: 'not_found' }];
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
const ready: Record<string, [number, unknown]> = { '/health/ready': [200, {}] };

test('the step that failed is named, with what was expected and what came', async () => {
  for (const [answers, said] of [
    [{}, 'FAILED    GET /health/ready: is ready\nexpected  200\ngot       404 not_found\n'],
    [
      { ...ready, '/.well-known/jwks.json': [200, { keys: [] }] },
      'FAILED    GET /.well-known/jwks.json: publishes its keys\nexpected  200 a key\ngot       200 no key\n',
    ],
    [
      { ...ready, '/.well-known/jwks.json': [200, { keys: [{}] }], '/api/v1/auth/me': [200, {}] },
      'FAILED    GET /me: refuses a forged token\nexpected  401 invalid_token\ngot       200\n',
    ],
  ] as [Record<string, [number, unknown]>, string][])
    expect(await serving(answers, (origin) => cli(['smoke', origin]))).toMatchObject({
      status: 1,
      stderr: said,
    });
});

test('a service that is not ready yet is asked again', async () => {
  const asked: number[] = [];
  const answers = {
    get '/health/ready'(): [number, unknown] {
      asked.push(asked.length);
      return [asked.length < 2 ? 503 : 200, {}];
    },
  };
  const { stderr } = await serving(answers, (origin) => cli(['smoke', origin]));
  expect(stderr).toContain('FAILED    GET /.well-known/jwks.json');
  expect(asked).toHaveLength(2);
});

test('as JSON it holds every step', async () => {
  const { status, stdout } = await serving(ready, (origin) => cli(['smoke', origin, '--json']));
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    isWell: false,
    steps: [
      { step: 'GET /health/ready: is ready', expected: '200', got: '200', isRight: true },
      { step: 'GET /.well-known/jwks.json: publishes its keys', got: '404 not_found', isRight: false },
    ],
  });
});

test('a server that is not there is told apart from one that answers wrongly', async () => {
  const port = await freePort();
  const { status, stderr } = await cli(['smoke', `http://127.0.0.1:${port}`]);
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: 'FAILED    GET /health/ready: is ready\nexpected  200\ngot       no answer: ECONNREFUSED\n',
  });
});

test.each(['auth.your-domain', 'ftp://auth.your-domain', ''])('%j is no address to ask', async (origin) => {
  expect(await cli(['smoke', origin])).toMatchObject({ status: 2, stdout: '' });
});
