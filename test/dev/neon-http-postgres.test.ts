/** Neon's protocol over a real Postgres, where requests run side by side. */
import { neon } from '@neondatabase/serverless';
import { Client } from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { createPostgresExecutor } from '../../selfhost/gateway/postgres.ts';
import { describeNeonProtocol } from './neon-protocol.ts';

const { DATABASE_URL } = inject('env');

describe("Neon's protocol over a real Postgres", () => {
  describeNeonProtocol(DATABASE_URL, async () => createPostgresExecutor());

  it('runs requests side by side', async () => {
    const sql = neon(DATABASE_URL);
    const sleeping = sql`SELECT pg_sleep(30) AS side_by_side`.catch((error: unknown) => error);
    // One after the other, the second would come when the first had slept out.
    const cancel = () => sql`
      SELECT pg_cancel_backend(pid) FROM pg_stat_activity
      WHERE query LIKE '%side_by_side%' AND wait_event = 'PgSleep'`;
    await expect.poll(cancel).toHaveLength(1);
    expect(await sleeping).toMatchObject({ code: '57014' });
  });

  it('lets one of two conflicting transactions fail', async () => {
    const sql = neon(DATABASE_URL);
    await sql`CREATE TABLE neon_conflict AS SELECT 1 AS id, 0 AS n`;
    const increment = (by: number) =>
      sql.transaction(
        [
          sql`SELECT n FROM neon_conflict`,
          sql`SELECT pg_advisory_xact_lock_shared(4711)`,
          sql`UPDATE neon_conflict SET n = n + ${by}`,
        ],
        { isolationLevel: 'RepeatableRead' },
      );
    // Both have read before one may write.
    const holder = new Client({ connectionString: DATABASE_URL });
    await holder.connect();
    await holder.query('SELECT pg_advisory_lock(4711)');
    const both = Promise.allSettled([increment(1), increment(2)]);
    // Others wait for locks of their own on the same server.
    const waiting = () => sql`
      SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    await expect.poll(waiting).toHaveLength(2);
    await holder.end();
    const outcomes = await both;
    await sql`DROP TABLE neon_conflict`;
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: '40001' } });
  });

  it('survives the loss of a connection', async () => {
    const sql = neon(DATABASE_URL);
    await expect(sql`SELECT pg_terminate_backend(pg_backend_pid())`).rejects.toMatchObject({ code: '57P01' });
    expect(await sql`SELECT 1 AS one`).toEqual([{ one: 1 }]);
  });

  it('tells the driver of a database that does not exist', async () => {
    const sql = neon(new URL('/nowhere', DATABASE_URL).href);
    await expect(sql`SELECT 1`).rejects.toMatchObject({ code: '3D000' });
  });
});
