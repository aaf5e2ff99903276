/**
 * Looks at the shape of CBOR before a decoder does, because that one recurses and believes lengths. Authenticators
 * write the canonical form of CTAP 2.1 section 8: definite lengths, no tags, at most four levels of arrays and maps.
 * Nothing else is passed on.
 */
const MAX_LEVELS = 4;
const MAJOR = { bytes: 2, text: 3, array: 4, map: 5, tag: 6 } as const;
/** How many bytes hold the argument, by the low five bits of the head (RFC 8949 section 3). Eight are never needed. */
const WIDTHS: Record<number, number> = { 24: 1, 25: 2, 26: 4 };

/**
 * The end of the item that begins at `start`. Reads each byte at most once and does not recurse. Undefined when it is
 * not of that form or not complete.
 */
export function endOfItem(cbor: Uint8Array, start: number): number | undefined {
  let at = start;
  /** Of each array and map that is open: how many items it still lacks. */
  const lacking: number[] = [];
  do {
    const head = cbor[at];
    if (head === undefined) return undefined;
    const [major, low] = [head >> 5, head & 31];
    const width = low < 24 ? 0 : WIDTHS[low];
    if (width === undefined || major === MAJOR.tag) return undefined;
    const argument = width === 0 ? low : bigEndian(cbor.subarray(at + 1, at + 1 + width));
    at += 1 + width + (major === MAJOR.bytes || major === MAJOR.text ? argument : 0);
    if (at > cbor.length) return undefined;
    lacking.push((lacking.pop() ?? 1) - 1);
    if (major === MAJOR.array) lacking.push(argument);
    if (major === MAJOR.map) lacking.push(2 * argument);
    // The first of the levels is the item itself.
    if (lacking.length > MAX_LEVELS + 1) return undefined;
    while (lacking.at(-1) === 0) lacking.pop();
  } while (lacking.length > 0);
  return at;
}

const bigEndian = (bytes: Uint8Array): number => bytes.reduce((value, byte) => value * 256 + byte, 0);
