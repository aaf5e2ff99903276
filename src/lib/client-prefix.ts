/** The network an address belongs to, as logs keep it: IPv4 by /24, IPv6 by /48. Which house, not which room. */

/** Undefined for what is no address. */
export function clientPrefix(address: string): string | undefined {
  const v4 = /^(?:::ffff:)?(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/i.exec(address);
  if (v4) return `${v4[1]}.0/24`;
  const groups = /^[0-9a-f.]*:[0-9a-f:.]*$/i.test(address) ? groupsOf(address) : undefined;
  return groups && `${groups.slice(0, 3).join(':')}::/48`;
}

/** The URL parser knows every way an IPv6 address can be written, and writes it in one. */
function groupsOf(address: string): string[] | undefined {
  const host = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1);
  if (host === undefined) return undefined;
  const [head = '', tail] = host.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail?.split(':').filter(Boolean) ?? [];
  return tail === undefined
    ? left
    : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
}
