/**
 * Who sends a request: the peer of the connection, or the client that trusted proxies name. Each proxy adds the
 * address it has seen at the end of the header. So the list is read from its end, past the trusted ones; what stands
 * before the first other address may have been made up by that client.
 */
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type Network = [Address, number];

/** `10.0.0.0/8, 192.0.2.7`. The settings have been checked. */
export function parseNetworks(list: string): Network[] {
  const parts = list.split(',').map((part) => part.trim());
  return parts.filter(Boolean).map((part) => {
    if (part.includes('/')) return ipaddr.parseCIDR(part);
    const address = ipaddr.process(part);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  });
}

/** `peer` is `192.0.2.1:4711` or `[2001:db8::1]:4711`. Undefined when nobody is known, as over a socket in a folder. */
export function clientAddress(
  peer: string | undefined,
  header: string | null,
  trusted: readonly Network[],
): string | undefined {
  let client = parse(peer);
  const named = (header ?? '').split(',').filter((part) => part.trim() !== '');
  while (client !== undefined && isTrusted(client, trusted)) {
    const before = parse(named.pop());
    if (before === undefined) break;
    client = before;
  }
  return client?.toString();
}

const isTrusted = (address: Address, trusted: readonly Network[]): boolean =>
  trusted.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));

/** An IPv4 address mapped into IPv6 is the IPv4 address. A port is left out. */
function parse(written = ''): Address | undefined {
  const [, bracketed, plain = written.trim()] =
    /^\s*(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)\s*$/.exec(written) ?? [];
  const text = bracketed ?? plain;
  // Four numbers, or IPv6: other spellings of an IPv4 address are refused.
  if (!/^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f:.]*:[0-9a-f:.]*)$/i.test(text) || !ipaddr.isValid(text))
    return undefined;
  return ipaddr.process(text);
}
