import { expect, test } from 'vitest';
import { describeDevice, deviceName } from '../../src/lib/device-name.ts';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`, 'Chrome', 'Windows'],
  [`Mozilla/5.0 (Windows NT 10.0) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`, 'Edge', 'Windows'],
  [`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36 OPR/125.0`, 'Opera', 'Linux'],
  [`Mozilla/5.0 (X11; CrOS x86_64 15) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`, 'Chrome', 'Chromebook'],
  [`Mozilla/5.0 (Linux; Android 16) ${WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36`, 'Chrome', 'Android'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Firefox', 'Linux'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
    'Safari',
    'iPhone',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15',
    'Safari',
    'Mac',
  ],
  [
    'Mozilla/5.0 (iPad; CPU OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 EdgiOS/142.0 Safari/604.1',
    'Edge',
    'iPad',
  ],
  ['curl/8.5.0', 'curl', null],
  ['something else entirely', null, null],
  ['', null, null],
])('%s', (userAgent, browser, device) => {
  expect(deviceName(userAgent)).toEqual({ browser, device });
});

test('a device is described by as much as is known', () => {
  expect(describeDevice('Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0')).toBe('Firefox on Linux');
  expect(describeDevice('curl/8.5.0')).toBe('curl');
  expect(describeDevice(null)).toBe(null);
});

test('nothing that a client makes up becomes a sentence', () => {
  expect(describeDevice('Your account is at risk, call 555-1234')).toBeNull();
});
