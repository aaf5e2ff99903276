/** The code of a mail, whether or not it was sent: what somebody would have to guess. */
import { type CodePurpose, deriveCode } from '../../src/mail/proof.ts';
import { query } from './control-client.ts';
import type { Gatehouse } from './gatehouse.ts';

export async function codeOf({ config }: Gatehouse, purpose: CodePurpose, userId: string): Promise<string> {
  const [row] = await query<{ mail_id: string }>(
    'SELECT mail_id FROM verification_tokens WHERE user_id = $1 AND purpose = $2',
    [userId, purpose.replace('-', '_')],
  );
  if (row === undefined) throw new Error(`nothing waits for ${userId}`);
  return deriveCode(config.mailSecrets[0], purpose, userId, row.mail_id);
}

/** Six digits that are not these. */
export const otherThan = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
