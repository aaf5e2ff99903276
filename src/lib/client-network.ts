/**
 * Which client a limit counts: an IPv4 address, or the /64 of an IPv6 address, since its holder has 2^64 of them. An
 * IPv4 address mapped into IPv6 is the same client. The result is canonical: one network has one spelling.
 */

/** `wide` is the neighbourhood in which a client can move about: its /24, or its /48. */
export type ClientNetwork = { client: string; wide: string };

/** Undefined for anything but an address. */
export function clientNetwork(address: string): ClientNetwork | undefined {
  const v4 = ipv4(address);
  if (v4 !== undefined) return ofIpv4(v4);
  const groups = ipv6(address);
  if (groups === undefined) return undefined;
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) {
    const [high = 0, low = 0] = groups.slice(6);
    return ofIpv4([high >> 8, high & 0xff, low >> 8, low & 0xff]);
  }
  return { client: prefix(groups, 4), wide: prefix(groups, 3) };
}

const ofIpv4 = (bytes: number[]): ClientNetwork => ({
  client: bytes.join('.'),
  wide: `${bytes.slice(0, 3).join('.')}.0/24`,
});

const prefix = (groups: number[], count: number) =>
  `${groups
    .slice(0, count)
    .map((group) => group.toString(16))
    .join(':')}::/${count * 16}`;

function ipv4(address: string): number[] | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1);
  // A leading zero is octal to some parsers and decimal to others.
  if (parts === undefined || parts.some((part) => Number(part) > 255 || /^0\d/.test(part))) return undefined;
  return parts.map(Number);
}

/** The URL parser of the platform knows every spelling and writes one. */
function ipv6(address: string): number[] | undefined {
  if (!/^[0-9a-f:.]{2,45}$/i.test(address)) return undefined;
  const written = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1);
  if (written === undefined) return undefined;
  const [head = [], tail = []] = written.split('::').map((half) => half.split(':').filter(Boolean));
  const gap = Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...gap, ...tail].map((group) => Number.parseInt(group, 16));
}
