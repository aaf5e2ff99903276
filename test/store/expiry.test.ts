import { expect, test } from 'vitest';
import { openDb } from '../../src/store/db.ts';
import { sweepEvents } from '../../src/store/expiry.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';

test('a sweep deletes what is past its days and nothing younger', async () => {
  const { config } = startGatehouse();
  const now = new Date();
  const marker = crypto.randomUUID();
  await query(
    `INSERT INTO security_events (id, kind, request_id, occurred_at)
     SELECT gen_random_uuid(), 'logout', $1, $2::timestamptz - days * interval '1 day' FROM unnest('{364,366,400}'::int[]) days`,
    [marker, now.toISOString()],
  );
  // What other tests have left behind may be past its days, too.
  expect(await sweepEvents(openDb(config), now, 365)).toBeGreaterThanOrEqual(2);
  expect(await query('SELECT FROM security_events WHERE request_id = $1', [marker])).toHaveLength(1);
});
