import { expect, test } from 'vitest';
import { deliver } from '../../src/jobs/deliver.ts';
import { keyKinds } from '../../tooling/key-values.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { outboxRow, startJobs } from '../support/outbox.ts';
import { person } from '../support/person.ts';

test('a mail whose key the jobs Worker does not have is a fault with a name, and waits', async () => {
  const silent = { send: async () => {} } as unknown as Queue<{ id: string }>;
  const gatehouse = startGatehouse({}, { MAIL_QUEUE: silent });
  const ada = person();
  expect((await gatehouse.post('/signup', ada)).status).toBe(200);
  const [mail] = await query<{ id: string }>(
    `UPDATE email_outbox SET queued_at = now() + interval '1 day' WHERE recipient = $1 RETURNING id`,
    [ada.email],
  );
  const { deps } = startJobs({ MAIL_SECRETS: keyKinds.MAIL_SECRETS.make().replace(/^[^:]+/, 'other') });
  const id = mail?.id ?? '';
  expect([...(await deliver(deps, [id])).keys()]).toEqual([id]);
  expect(await outboxRow(id)).toMatchObject({ status: 'pending', failure: 'fault MailKeyNotConfigured' });
});
