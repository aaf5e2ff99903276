import { expect, test } from 'vitest';
import { clientPrefix } from '../../src/lib/client-prefix.ts';

test.each([
  ['203.0.113.77', '203.0.113.0/24'],
  ['::ffff:203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:85a3::8a2e:370:7334', '2001:db8:85a3::/48'],
  ['2001:0DB8:85A3:0:0:8A2E:0370:7334', '2001:db8:85a3::/48'],
  ['::1', '0:0:0::/48'],
  ['fe80::', 'fe80:0:0::/48'],
  ['not an address', undefined],
  ['a:b]@evil.test/', undefined],
  ['', undefined],
])('the network of %s is %s', (address, prefix) => {
  expect(clientPrefix(address)).toBe(prefix);
});
