import { sql } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import { expect, test } from 'vitest';
import { rendered } from '../../src/store/rendered.ts';

const inner = sql`${sql.identifier('a "quoted" name')} = ${sql.param(['x', 'y'])}::text[]`;
const query = sql`
  SELECT ${1}::int, ${'text'}, ${true}, ${null}::uuid, ${sql.raw(`'raw'`)}
  WHERE ${inner} AND ${sql.join([sql`one`, sql`${2}`], sql` OR `)} AND ${inner}`;

test('a statement is written as Drizzle writes it', () => {
  const { sql: text, params } = new PgDialect().sqlToQuery(query);
  expect(rendered(query)).toEqual({ text, params });
});

test.each([[['a', 'b']], [new Date()], [undefined], [{}]])(
  'what is neither text nor a single value is refused, not guessed: %j',
  (value) => {
    expect(() => rendered(sql`SELECT ${value}`)).toThrow(TypeError);
  },
);
