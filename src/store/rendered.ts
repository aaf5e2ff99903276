/**
 * The text of a statement and its parameters. The writer of Drizzle asks every piece which of a dozen kinds it is, and
 * takes seven times as long. Our pieces are of four kinds.
 */
import { Name, Param, SQL, type SQLChunk, StringChunk } from 'drizzle-orm';

export function rendered(query: SQL): { text: string; params: unknown[] } {
  const params: unknown[] = [];
  const textOf = (piece: SQLChunk): string => {
    if (piece instanceof StringChunk) return piece.value.join('');
    if (piece instanceof SQL) return piece.queryChunks.map(textOf).join('');
    if (piece instanceof Name) return `"${piece.value.replaceAll('"', '""')}"`;
    params.push(boundValue(piece));
    return `$${params.length}`;
  };
  return { text: textOf(query), params };
}

/** An array is one value only with `sql.param`. Without it, Drizzle would treat it as a list of values. */
function boundValue(piece: SQLChunk): unknown {
  if (piece instanceof Param) return piece.value;
  if (piece === null || ['string', 'number', 'boolean'].includes(typeof piece)) return piece;
  throw new TypeError('a statement is made of text, statements, names and values');
}
