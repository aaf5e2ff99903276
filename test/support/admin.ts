/** What an operator does, through the flows that all doors share. */
import { type ActName, act } from '../../src/admin/acts.ts';
import type { Acting, ActOutcome } from '../../src/store/admin-act.ts';
import { openDb } from '../../src/store/db.ts';
import { accountsOf } from './accounts.ts';
import { query } from './control-client.ts';
import type { Gatehouse } from './gatehouse.ts';

export const acting = (more: Partial<Acting> = {}): Acting => ({
  operator: 'bob@example.com',
  door: 'cli',
  reason: 'asked for by telephone, ticket 4711',
  requestId: crypto.randomUUID(),
  ...more,
});

/** Counted among the trips of the app, and at its time. */
export const adminDeps = ({ config, clock }: Gatehouse) => ({ db: openDb(config), now: clock.now });

export async function byOperator(
  gatehouse: Gatehouse,
  name: ActName,
  { email }: { email: string },
  who = acting(),
): Promise<ActOutcome> {
  const [{ id } = { id: crypto.randomUUID() }] = await accountsOf(email);
  return act(adminDeps(gatehouse), name, id, who);
}

/** The acts that are recorded of a person, oldest first. */
export const actsOn = (email: string) =>
  query<{ kind: string; operator: string; door: string; reason: string | null }>(
    `SELECT e.kind, a.operator, a.door, a.reason FROM security_events e JOIN admin_acts a ON a.event_id = e.id
     JOIN users u ON u.id = e.user_id WHERE u.email = $1 ORDER BY e.id`,
    [email],
  );
