/**
 * JSON.parse that refuses a key given twice in one object (RFC 8259 section 4 leaves that open, and two
 * parsers that choose differently are a hole). `__proto__` stays an ordinary own key, as JSON.parse makes it.
 */

/** In valid JSON these are all the tokens that can open, close or name a member. */
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
