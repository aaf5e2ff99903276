/**
 * One of all jobs processes on a database runs the schedule: the one that holds an advisory lock. The lock belongs to
 * a connection of its own, so Postgres gives it back when that process or its host is gone. What the schedule runs is
 * safe twice at once: a leader that has lost its connection without knowing it yet does no harm.
 */
import { Client, type ClientConfig } from 'pg';

/** Any number, as long as nothing else of ours uses it for a lock. */
const LOCK = 4_801_372_067;

export type Leader = {
  /** Whether this process holds the lock, or has got it just now. Never rejects. */
  isLeading(): Promise<boolean>;
  close(): Promise<void>;
};

export function leader(connection: ClientConfig): Leader {
  let client: Client | undefined;
  let isHeld = false;
  const forget = (lost: Client) => {
    if (client !== lost) return;
    client = undefined;
    isHeld = false;
    lost.end().catch(() => {});
  };

  async function connected(): Promise<Client> {
    if (client) return client;
    const opened = new Client({
      ...connection,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
    });
    client = opened.on('error', () => forget(opened)).on('end', () => forget(opened));
    await opened.connect();
    return opened;
  }

  async function ask(): Promise<boolean> {
    const asked = await connected();
    // Asked also while it is held: the answer proves that the connection is alive.
    const { rows } = await asked.query(
      isHeld ? 'SELECT true AS held' : `SELECT pg_try_advisory_lock(${LOCK}) AS held`,
    );
    isHeld = client === asked && rows[0]?.held === true;
    return isHeld;
  }

  return {
    isLeading: () =>
      ask().catch(() => {
        if (client) forget(client);
        return false;
      }),
    async close() {
      if (client) forget(client);
    },
  };
}
