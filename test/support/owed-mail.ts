/** The mail that is owed to an address, read from the outbox: what its lane let through and what it held back. */
import { mailboxKeys, recipientKeys } from '../../src/mail/recipient.ts';
import { query } from './control-client.ts';
import { startGatehouse } from './gatehouse.ts';

type Mail = {
  id: string;
  kind: string;
  status: string;
  failure: string | null;
  recipient: string | null;
  user_id: string | null;
};
/**
 * What was owed to the address, in the order in which it was caused, and what its lane held back. A mail that went stale
 * before it was sent was owed.
 */
export async function owedTo(email: string): Promise<{ mailed: Mail[]; heldBack: Mail[] }> {
  const keys = [recipientKeys, mailboxKeys].map(
    (keysOf) => keysOf(startGatehouse().config.mailSecrets, email)[0],
  );
  const rows = await query<Mail>(
    `SELECT * FROM email_outbox WHERE recipient_key IN (decode($1, 'hex'), decode($2, 'hex'))
       AND (recipient = $3 OR recipient IS NULL) ORDER BY id`,
    [...keys.map((key) => Buffer.from(key).toString('hex')), email],
  );
  const isHeldBack = ({ status, failure }: Mail) => status === 'skipped' && failure !== 'stale';
  return { mailed: rows.filter((row) => !isHeldBack(row)), heldBack: rows.filter(isHeldBack) };
}
export const mailsTo = async (email: string) => (await owedTo(email)).mailed.length;
