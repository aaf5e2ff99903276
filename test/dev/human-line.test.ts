import { expect, test } from 'vitest';
import { humanLine } from '../../dev/human-line.ts';

const request = {
  level: 'info',
  event: 'request',
  requestId: 'x',
  method: 'POST',
  route: '/api/v1/auth/login',
  status: 200,
  code: 'ok',
  durationMs: 312,
  dbTrips: 2,
  dbMs: 12,
  client: '127.0.0.0/24',
};
const line = (logged: object) => `[gatehouse-api] ${JSON.stringify(logged)}`;

test('a request is one short line: answer, endpoint, time, trips and what it wrote', () => {
  expect(humanLine(line({ ...request, events: ['login.success'] }))).toBe(
    '200 POST /api/v1/auth/login, 312 ms, 2 trips, login.success',
  );
});

test('a refusal says its code and its reason', () => {
  const refused = { ...request, status: 401, code: 'invalid_credentials', dbTrips: 1 };
  expect(humanLine(line(refused))).toBe('401 POST /api/v1/auth/login, 312 ms, 1 trip, invalid_credentials');
  expect(humanLine(line({ ...refused, reason: 'wrong_password' }))).toMatch(
    /invalid_credentials: wrong_password$/,
  );
});

test('a fault has its class and its frames below it', () => {
  const fault = { error: 'NeonDbError', sqlState: 'XX000', frames: ['at login (login.ts:1:1)'] };
  expect(humanLine(line({ ...request, level: 'error', status: 500, code: 'internal_error', fault }))).toBe(
    '500 POST /api/v1/auth/login, 312 ms, 2 trips, internal_error\n    NeonDbError XX000\n    at login (login.ts:1:1)',
  );
});

test('any other event is its name and its fields', () => {
  const batch = { level: 'info', event: 'mail.batch', sent: 1, skipped: 0 };
  expect(humanLine(`[gatehouse-jobs] ${JSON.stringify(batch)}`)).toBe(
    '[gatehouse-jobs] mail.batch sent=1 skipped=0',
  );
});

test('what is no line of the log stays as it is', () => {
  for (const other of ['[wrangler:error] ✘ something broke', '{"level":', '[gatehouse-api] hello', ''])
    expect(humanLine(other)).toBe(other);
});
