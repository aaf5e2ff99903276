/**
 * JSON.parse, but a key that comes twice in one object is refused. RFC 8259 section 4 leaves that case open, and two
 * parsers that read it differently are a security hole. `__proto__` is an ordinary key, as in JSON.parse.
 */

/** In valid JSON, only these tokens can open, close or name a member. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** Throws SyntaxError for anything that is not JSON, and for a duplicate key. */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const objects: Array<Set<string> | null> = [];
  let previous = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') objects.push(new Set());
    else if (token === '[') objects.push(null);
    else if (token === '}' || token === ']') objects.pop();
    else if (token === ':') addKey(objects.at(-1), JSON.parse(previous));
    previous = token;
  }
  return value;
}

function addKey(keys: Set<string> | null | undefined, key: string): void {
  if (keys?.has(key)) throw new SyntaxError('duplicate key');
  keys?.add(key);
}
