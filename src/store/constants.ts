/**
 * Kinds and reasons inside statements, written as constants. The type checker knows each value that a statement can
 * write, and a reader sees it without looking up the parameters.
 */
import { type SQL, sql } from 'drizzle-orm';

const CONSTANT = /^[a-z][a-z0-9_.]*$/;

/** A constant of the program as an SQL literal; `null` is SQL's NULL, and an expression stays what it is. */
export function constant<K extends string | null>(value: K | SQL<K>): SQL<K> {
  if (value === null) return sql`NULL`;
  if (typeof value !== 'string') return value;
  if (!CONSTANT.test(value)) throw new Error('a constant of a statement is a lower-case word');
  return sql.raw(`'${value}'`) as SQL<K>;
}

/** One of two constants, by a condition: ``choose(sql`fits`, 'verify_email', null)``. */
export function choose<A extends string | null, B extends string | null>(
  condition: SQL,
  then: A | SQL<A>,
  otherwise: B | SQL<B>,
): SQL<A | B> {
  return sql<A | B>`CASE WHEN ${condition} THEN ${constant<A>(then)} ELSE ${constant<B>(otherwise)} END`;
}
