/**
 * What every act of an operator has in common. Its statement also writes its event, and beside the event who acted and
 * why. The person reads the event in the own history: what was done and when. The name of the operator, the reason and
 * the network of the operator are not in it (docs/decisions/0021).
 */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import type { Caller } from '../caller.ts';
import type { EventKind } from '../event-kinds.ts';
import { event } from './events.ts';
import type { Parts } from './statement.ts';
import type { adminDoors } from './states.ts';

/** Who acts, and why (admin/operator.ts checks all of it). */
export type Acting = {
  operator: string;
  door: (typeof adminDoors)[number];
  /** Null for looking only. */
  reason: string | null;
  /** Of the request, or of the run of a command. */
  requestId: string;
};

/** `unchanged`: the person is there, and there was nothing to do or it may not be done now. `unknown`: nobody is there. */
const actOutcomes = ['done', 'unchanged', 'unknown'] as const;
export type ActOutcome = (typeof actOutcomes)[number];

export const outcomeRow = { outcome: z.enum(actOutcomes) };

/** `person` has a row if the person is there, and `done` has one if the act happened. */
export const selectOutcome = sql`
  SELECT CASE WHEN EXISTS (SELECT FROM done) THEN 'done' WHEN EXISTS (SELECT FROM person) THEN 'unchanged'
    ELSE 'unknown' END AS outcome`;

/** The requester of an event as its reader sees it: nobody, at an unknown place. */
export const actingCaller = ({ requestId }: Acting): Caller => ({
  client: null,
  userAgent: null,
  place: null,
  requestId,
});

/** The parts `event` and `act`. `userId` is an expression over `from`, which decides whether the act happened. */
export function recordAct(
  acting: Acting,
  kind: EventKind,
  now: Date,
  {
    userId = sql`id`,
    from = sql`FROM done`,
    eventId = uuidv7(),
  }: { userId?: SQL; from?: SQL; eventId?: string } = {},
): Parts {
  const { operator, door, reason } = acting;
  return {
    event: event({ id: eventId, kind, caller: actingCaller(acting), at: now, userId }, from),
    act: sql`
      INSERT INTO admin_acts (event_id, operator, door, reason)
      SELECT ${eventId}::uuid, ${operator}, ${door}, ${reason}::text ${from}`,
  };
}
