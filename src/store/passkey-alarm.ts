/** What is told when the counter of a passkey goes back: something else has its private key. */
import { sql } from 'drizzle-orm';
import type { Caller } from '../caller.ts';
import { event } from './events.ts';
import { insertMail } from './outbox.ts';
import type { Parts } from './statement.ts';

/** Parts of a statement whose part `person` has `id` and `email`: an event, and the mail about it. */
export const tellOfCopy = (
  { eventId, mailId }: { eventId: string; mailId: string },
  caller: Caller,
  now: Date,
): Parts => ({
  copied: event({ id: eventId, kind: 'passkey.copied', caller, at: now, userId: sql`id` }, sql`FROM person`),
  copied_mail: insertMail(
    { id: mailId, kind: 'passkey_copied', userId: sql`id`, recipient: sql`email`, eventId, at: now },
    sql`FROM person`,
  ),
});
