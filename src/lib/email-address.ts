/**
 * The canonical form of an email address. One canonical address is one account, one key for limits, and the address
 * that is mailed. It is made first and then validated, so no two parsers can disagree.
 */

/** Longest address that fits a mail path (RFC 5321 section 4.5.3.1.3, less the angle brackets). */
const MAX_ADDRESS = 254;
/** RFC 5321 section 4.5.3.1.1. */
const MAX_LOCAL_PART = 64;

/** RFC 5322 `dot-atom`: no quoted strings, comments, spaces or controls. */
const DOT_ATOM = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const DOMAIN_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Spaces and line ends around the address, which a form or a file may leave. Other white space is invisible and not
 * allowed.
 */
const AROUND = /^[ \t\r\n]+|[ \t\r\n]+$/g;
const NOT_ASCII = /[^\0-\x7f]/;

/**
 * Trimmed, with the local part in lower case and the domain as lower-case A-labels. Undefined when it is no address.
 */
export function canonicalEmail(input: string): string | undefined {
  const trimmed = input.replace(AROUND, '');
  const at = trimmed.lastIndexOf('@');
  const written = trimmed.slice(0, Math.max(at, 0));
  // Before it becomes lower case: the Kelvin sign would become a plain k, and so the address of somebody else.
  if (NOT_ASCII.test(written)) return undefined;
  const local = written.toLowerCase();
  const domain = toAscii(trimmed.slice(at + 1));
  if (domain === undefined || !isDomain(domain)) return undefined;
  if (local.length > MAX_LOCAL_PART || !DOT_ATOM.test(local)) return undefined;
  const address = `${local}@${domain}`;
  return address.length <= MAX_ADDRESS ? address : undefined;
}

/**
 * The URL parser is the IDNA implementation of the platform (UTS 46). Other characters that a URL may have are refused
 * first.
 */
function toAscii(domain: string): string | undefined {
  if (domain.length > MAX_ADDRESS || /[\s/\\?#@:[\]%]/.test(domain)) return undefined;
  const ascii = URL.parse(`http://${domain}`)?.hostname;
  return ascii !== undefined && isSameName(domain, ascii) ? ascii : undefined;
}

/**
 * A label that is not ASCII must become an A-label. If it becomes plain ASCII, its letters only looked like those of
 * another name.
 */
function isSameName(domain: string, ascii: string): boolean {
  const [written, labels] = [domain.split('.'), ascii.split('.')];
  return (
    written.length === labels.length &&
    written.every((label, index) => !NOT_ASCII.test(label) || labels[index]?.startsWith('xn--'))
  );
}

function isDomain(domain: string): boolean {
  const labels = domain.split('.');
  // A last label of digits is an IPv4 address, not a domain.
  return (
    labels.length >= 2 &&
    labels.every((label) => DOMAIN_LABEL.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  );
}
