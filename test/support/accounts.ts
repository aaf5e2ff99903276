/** The rows of an address: the account, and the sign-ups that wait for proof. */
import { query } from './control-client.ts';

export const accountsOf = (email: string) =>
  query<{ id: string; name: string; verified: boolean }>(
    'SELECT id, name, email_verified_at IS NOT NULL AS verified FROM users WHERE email = $1',
    [email],
  );
