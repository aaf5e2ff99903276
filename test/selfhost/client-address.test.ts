/** Who is believed to be the client, whatever is written into the header. */
import { expect, test } from 'vitest';
import { clientAddress, parseNetworks } from '../../selfhost/front/client-address.ts';

const proxies = parseNetworks('10.0.0.0/8, 192.0.2.7, 2001:db8:1::/48');

test.each([
  ['who connects, when no proxy is trusted', '203.0.113.9:51000', '198.51.100.1', '', '203.0.113.9'],
  ['who connects, when it is no proxy of ours', '203.0.113.9:51000', '198.51.100.1', 'ours', '203.0.113.9'],
  ['whom the proxy has seen', '10.1.2.3:51000', '198.51.100.1', 'ours', '198.51.100.1'],
  [
    'not what that client has written before',
    '10.1.2.3:51000',
    '1.1.1.1, 198.51.100.1',
    'ours',
    '198.51.100.1',
  ],
  [
    'whom the first of two proxies has seen',
    '10.1.2.3:9',
    '1.1.1.1, 198.51.100.1, 192.0.2.7',
    'ours',
    '198.51.100.1',
  ],
  ['the proxy, when it says nothing', '10.1.2.3:51000', null, 'ours', '10.1.2.3'],
  ['the proxy, when what it says is no address', '10.1.2.3:51000', 'unknown', 'ours', '10.1.2.3'],
  ['the last address that was understood', '10.1.2.3:51000', '8.8.8.8, 0x7f.1, 10.9.9.9', 'ours', '10.9.9.9'],
  [
    'an address in brackets, with a port',
    '[2001:db8:1::5]:443',
    '[2001:db8:2::1]:5000',
    'ours',
    '2001:db8:2::1',
  ],
  [
    'an IPv4 address that is mapped into IPv6',
    '[::ffff:10.1.2.3]:51000',
    '198.51.100.1:4711',
    'ours',
    '198.51.100.1',
  ],
  ['nobody, over a socket in a folder', undefined, '198.51.100.1', 'ours', undefined],
])('%s', (_, peer, header, trusted, client) => {
  expect(clientAddress(peer, header, trusted === 'ours' ? proxies : [])).toBe(client);
});

test('a chain of nothing but proxies ends at the farthest one', () => {
  expect(clientAddress('10.1.2.3:1', '10.0.0.2, 10.0.0.1', proxies)).toBe('10.0.0.2');
});
