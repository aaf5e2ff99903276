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

/** Six digits that are the code of nobody. */
export async function nobodysCode({ config }: Gatehouse): Promise<string> {
  const rows = await query<{ purpose: string; user_id: string; mail_id: string }>(
    'SELECT purpose, user_id, mail_id FROM verification_tokens WHERE used_at IS NULL',
  );
  const codes = new Set(
    rows.map(({ purpose, user_id, mail_id }) =>
      deriveCode(config.mailSecrets[0], purpose.replace('_', '-') as CodePurpose, user_id, mail_id),
    ),
  );
  let code = '000000';
  while (codes.has(code)) code = otherThan(code);
  return code;
}

/** Six digits that are not these. */
export const otherThan = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
