/** People who were imported, written as the import writes them. */
import { readHash } from '../../cli/import/hash-text.ts';
import { wrapHash } from '../../src/lib/imported-record.ts';
import { parseKeyRing } from '../../src/lib/key-ring.ts';
import { nativeScrypt } from '../../src/lib/scrypt.ts';
import { keyKinds } from '../../tooling/key-values.ts';
import { query } from './control-client.ts';
import { SAMPLES } from './foreign-hashes.ts';
import { type Person, person } from './person.ts';

export const IMPORT_PEPPERS = keyKinds.IMPORT_PEPPERS.make();

export const sampleOf = (format: string) => {
  const sample = SAMPLES.find((one) => one.format === format);
  if (sample === undefined) throw new Error(`no sample of ${format}`);
  return sample;
};

async function recordOf({ hash }: { hash: string }, email: string): Promise<string> {
  const foreign = readHash(hash);
  if (foreign === undefined) throw new Error(`not a hash: ${hash}`);
  return wrapHash(foreign, email, parseKeyRing(IMPORT_PEPPERS)[0], nativeScrypt);
}

/** Somebody with the password of a sample; with `isPending`, whose address waits for proof. */
export async function imported(
  format: string,
  { isPending = false, email = person('imported').email } = {},
): Promise<Person & { id: string }> {
  const sample = sampleOf(format);
  const who = { ...person('imported'), email, password: sample.password };
  const id = crypto.randomUUID();
  await query(
    `INSERT INTO users (id, email, name, password_hash, password_changed_at, email_verified_at, pending_expires_at,
       created_at, external_source, external_id)
     VALUES ($1::uuid, $2, $3, $4, date_trunc('milliseconds', now()), CASE WHEN $5::boolean THEN NULL ELSE now() END,
       CASE WHEN $5::boolean THEN now() + interval '90 days' END, now(), 'csv', $1::uuid::text)`,
    [id, email, who.name, await recordOf(sample, email), String(isPending)],
  );
  if (isPending)
    await query(
      `INSERT INTO verification_tokens (id, user_id, purpose, recipient_key, mail_id, key_id, code_mac, code_expires_at,
         expires_at, created_at)
       VALUES (gen_random_uuid(), $1::uuid, 'verify_email', sha256($1::uuid::text::bytea), gen_random_uuid(), 'none', '', '-infinity',
         now() + interval '90 days', now())`,
      [id],
    );
  return { ...who, id };
}

export async function storedHash(email: string): Promise<string | null | undefined> {
  const [row] = await query<{ hash: string | null }>(
    'SELECT password_hash AS hash FROM users WHERE email = $1',
    [email],
  );
  return row?.hash;
}
