/**
 * The document against the running stack: no answer of 500 and above, no status that is not in it, no answer of another
 * shape, no request refused that it allows, none taken that it does not.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../support/command.ts';
import { paths } from '../support/contract.ts';
import { startGenerousStack } from '../support/generous-stack.ts';
import { post, residentAt } from '../support/stack-client.ts';
import { startRecorder } from './recorder.ts';
import { install, runSpecmatic, type Verdict } from './specmatic.ts';

const AUTH = '/api/v1/auth';
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-fuzz-'));
let stack: Awaited<ReturnType<typeof startGenerousStack>>;
let recorder: Awaited<ReturnType<typeof startRecorder>>;

beforeAll(async () => {
  install();
  const [api = 0, mailbox = 0] = await freePorts(2);
  // Its guesses lock as late as can be, so that what is behind a lock is asked, too.
  const locks = { LOGIN_TRIES: '100', LOGIN_STRANGER_TRIES: '1000', LOGIN_FAILURES_IN_A_ROW: '1000' };
  stack = await startGenerousStack({ api, mailbox }, { PASSWORD_SCRYPT_COSTS: 'ln=4,r=8,p=1', ...locks });
  recorder = await startRecorder(stack.api);
});

afterAll(async () => {
  recorder?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true });
});

test('a fuzzer finds nothing', async () => {
  const { email, password } = await residentAt(stack);
  const { accessToken = '' } = await post(stack, '/login', { email, password });
  const verdict = await runSpecmatic(folder, {
    url: recorder.url,
    document: forSpecmatic(),
    accessToken,
    examples: {
      login: exampleOf('/login', { email, password }),
      'step-up': exampleOf('/step-up', { act: { purpose: 'add-passkey' }, proof: { password } }),
      totp: exampleOf('/factors/totp', { proof: { password } }),
      passkey: exampleOf('/factors/passkeys/options', { proof: { password } }),
    },
  });
  console.log(`${verdict.tests} requests:`, Object.fromEntries([...recorder.seen].sort()));
  expect([...recorder.findings, ...failuresOf(verdict)]).toEqual([]);
  // It has really asked, and what it knew the secrets for was given.
  expect(verdict.tests, verdict.output.slice(-2_000)).toBeGreaterThan(500);
  for (const [path, methods] of Object.entries(paths))
    for (const method of Object.keys(methods))
      expect([...recorder.seen.keys()].join('\n')).toContain(`${method.toUpperCase()} ${path} `);
  for (const given of [
    'POST /login',
    'GET /me',
    'PATCH /me',
    'GET /me/export',
    'GET /sessions',
    'GET /events',
    'GET /factors',
    'POST /login/passkey/options',
    'POST /step-up/options',
    'POST /step-up',
    'POST /factors/totp',
    'POST /factors/passkeys/options',
  ])
    expect([...recorder.seen.keys()]).toContain(`${given.replace(' ', ` ${AUTH}`)} 200`);
});

/** But for requests that it expected a 200 for: why those are refused is for the recorder to judge. */
const failuresOf = ({ failures }: Verdict) =>
  failures
    .filter(
      ({ test, message }) =>
        !(test.includes('+ve') && /^(?!.*R(?!0002)\d{4}).*expected status 200/s.test(message)),
    )
    .map(({ test, message }) => `${test}\n${message}`);

/**
 * It sends no cookies, so the refresh token must be in the body. It reads `anyOf` as any mixture of shapes, and makes a
 * text of `format: password` without regard to its length.
 */
function forSpecmatic(): object {
  const text = readFileSync('docs/openapi.json', 'utf8').replaceAll(/"format": "password",/g, '');
  const document = JSON.parse(text, exclusive);
  const bodyOf = (path: string) =>
    document.paths[AUTH + path].post.requestBody.content['application/json'].schema;
  delete document.components.securitySchemes.refreshCookie;
  for (const path of ['/refresh', '/logout']) {
    document.paths[AUTH + path].post.security = [];
    bodyOf(path).required = ['refreshToken'];
  }
  return document;
}

/** Shapes that have nothing but their own members are alternatives: no request has two of them. */
function exclusive(_: string, part: { anyOf?: { additionalProperties?: boolean }[] } | null): unknown {
  const { anyOf, ...rest } = part ?? {};
  return anyOf?.every((shape) => shape.additionalProperties === false) ? { ...rest, oneOf: anyOf } : part;
}

function exampleOf(path: string, body: object): object {
  const answer = JSON.parse(readFileSync('docs/openapi.json', 'utf8')).paths[AUTH + path].post.responses[200];
  return {
    'http-request': {
      method: 'POST',
      path: AUTH + path,
      headers: { 'Content-Type': 'application/json' },
      body,
    },
    'http-response': { status: 200, body: answer.content['application/json'].example },
  };
}
