import { expect, test } from 'vitest';
import { clientNetwork } from '../../src/lib/client-network.ts';

const client = (address: string) => clientNetwork(address)?.client;

test('an IPv4 address is a client, its /24 the neighbourhood', () => {
  expect(clientNetwork('203.0.113.7')).toEqual({ client: '203.0.113.7', wide: '203.0.113.0/24' });
});

test('an IPv6 address counts by its /64, its /48 is the neighbourhood', () => {
  const one = { client: '2001:db8:1:2::/64', wide: '2001:db8:1::/48' };
  expect(clientNetwork('2001:db8:1:2::1')).toEqual(one);
  expect(clientNetwork('2001:0DB8:0001:0002:ffff:ffff:ffff:ffff')).toEqual(one);
  expect(client('2001:db8:1:3::1')).not.toBe(one.client);
  expect(clientNetwork('::1')).toEqual({ client: '0:0:0:0::/64', wide: '0:0:0::/48' });
  expect(client('2001:db8::')).toBe('2001:db8:0:0::/64');
});

test.each(['::ffff:203.0.113.7', '::FFFF:cb00:7107', '0:0:0:0:0:ffff:203.0.113.7'])(
  'a mapped address is the IPv4 client it stands for: %s',
  (address) => {
    expect(client(address)).toBe('203.0.113.7');
  },
);

test.each([
  '',
  'localhost',
  '203.0.113',
  '203.0.113.256',
  '203.0.113.07',
  '203.0.113.7, 198.51.100.1',
  '203.0.113.7:443',
  '[2001:db8::1]',
  '2001:db8::1%eth0',
  '2001:db8::1::2',
  '1:2:3:4:5:6:7:8:9',
  ' 203.0.113.7',
  '3405803783',
  ':',
  '::1]/[',
  '::1]:80/?[::1',
  'x'.repeat(500),
])('%j is no address', (text) => {
  expect(clientNetwork(text)).toBeUndefined();
});
