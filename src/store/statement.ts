/**
 * One statement of the store: named parts (common table expressions), a SELECT for the answer, and the type of its
 * rows. A part that writes security events is an `EventInsert`. Which events were really written comes back with the
 * answer and is noted for the log, here in one place, so that no verb can forget it. One `run` is one trip.
 */
import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import { type Caller, note } from '../caller.ts';
import { eventKinds } from '../event-kinds.ts';
import type { Db } from './db.ts';
import { EventInsert } from './events.ts';

/** In the order in which they are written. A part may refer to the parts before it. */
export type Parts = Record<string, SQL | EventInsert>;

type Declaration<Row extends z.ZodRawShape> = {
  /** The parts of the `WITH`, by the names that other parts and `select` use. */
  parts?: Parts;
  select: SQL;
  /** The columns of `select`, by `column` and zod. */
  row: Row;
};

export type Statement<Row extends z.ZodRawShape> = {
  readonly query: SQL;
  readonly row: Row;
  readonly hasEvents: boolean;
};

type RowOf<Row extends z.ZodRawShape> = z.output<z.ZodObject<Row>>;

/** How a column arrives from Postgres, and what it is in the program. */
export const column = {
  uuid: z.string(),
  text: z.string(),
  boolean: z.boolean(),
  /** An integer that fits a double. Postgres sends a bigint as text. */
  integer: z.coerce.number().int(),
  instant: z.union([z.string(), z.date()]).transform((value) => new Date(value)),
  json: z.unknown(),
};

export function statement<Row extends z.ZodRawShape>({
  parts = {},
  select,
  row,
}: Declaration<Row>): Statement<Row> {
  const events = Object.entries(parts).filter(([, part]) => part instanceof EventInsert);
  const body =
    events.length === 0
      ? select
      : withEvents(
          select,
          events.map(([name]) => name),
        );
  const named = Object.entries(parts).map(
    ([name, part]) => sql`${sql.identifier(name)} AS (${queryOf(part)})`,
  );
  return {
    query: named.length === 0 ? body : sql`WITH ${sql.join(named, sql`, `)} ${body}`,
    row,
    hasEvents: events.length > 0,
  };
}

const queryOf = (part: SQL | EventInsert): SQL => (part instanceof EventInsert ? part.query : part);

/** The rows of the answer and, beside them, the events that were written. There may be no rows. */
function withEvents(select: SQL, names: string[]): SQL {
  const written = names.map(
    (name) => sql`SELECT kind, user_id, session_id, reason FROM ${sql.identifier(name)}`,
  );
  return sql`
    SELECT answer.*, noted.events
    FROM (SELECT jsonb_agg(written) AS events FROM (${sql.join(written, sql` UNION ALL `)}) written) noted
    LEFT JOIN (SELECT true AS is_answer, selected.* FROM (${select}) selected) answer ON true`;
}

/** The columns that `withEvents` adds. */
const noted = z.object({
  is_answer: z.boolean().nullable(),
  events: z
    .array(
      z.object({
        kind: z.enum(eventKinds),
        user_id: z.string().nullable(),
        session_id: z.string().nullable(),
        reason: z.string().nullable(),
      }),
    )
    .nullable(),
});

type Options = {
  /** Whose request it is. The events are noted for its log line. */
  caller?: Caller;
  /**
   * Statements that are sent before it in the same batch. They take locks, or make the rows that are locked; the
   * snapshot of the statement is taken after that.
   */
  locks?: readonly SQL[];
};

/** Sends the statement after its locks, in one trip. Gives the rows of its answer. */
export async function run<Row extends z.ZodRawShape>(
  db: Db,
  { query, row, hasEvents }: Statement<Row>,
  { caller, locks = [] }: Options = {},
): Promise<RowOf<Row>[]> {
  const rows = await send(db, locks, query);
  if (!hasEvents) return rows.map((raw) => parsed(row, raw));
  const first = noted.parse(rows[0]);
  for (const { kind, user_id: userId, session_id: sessionId, reason } of first.events ?? []) {
    if (caller) note(caller, { event: kind, userId, sessionId, reason });
  }
  return first.is_answer === null ? [] : rows.map((raw) => parsed(row, raw));
}

/** Column by column: an object of zod costs more to make than to use, and this one would be used once. */
function parsed<Row extends z.ZodRawShape>(row: Row, raw: Record<string, unknown>): RowOf<Row> {
  const values = Object.entries(row).map(([name, type]) => {
    const { success, data, error } = z.safeParse(type, raw[name]);
    if (success) return [name, data];
    throw new TypeError(`column ${name} is not what its verb declares: ${z.prettifyError(error)}`);
  });
  return Object.fromEntries(values);
}

async function send(db: Db, locks: readonly SQL[], query: SQL): Promise<Record<string, unknown>[]> {
  if (locks.length === 0) return db.execute(query);
  return (await db.batch([...locks, query])).at(-1) ?? [];
}
