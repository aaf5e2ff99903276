/**
 * Verify-email. It must be proven who has the mailbox AND who signed up. A mail alone proves only the first: a
 * stranger may have signed up with this address, and a click in that mail must not make the stranger's password valid.
 * So a code counts only for the sign-up whose id comes with it. A link counts for the sign-up whose id or password
 * comes with it, whoever's sign-up caused the mail.
 */
import type { Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { codeMacs, decodeLinkToken } from '../mail/proof.ts';
import { Refusal } from '../refusal.ts';
import { countLinkTry, type Proof, proveSignup } from '../store/signup-proofs.ts';

export type VerifyEmailInput =
  | { id: string; code: string }
  | { token: string; id: string }
  | { token: string; password: string };

/**
 * Makes the sign-up the account of its address, and opens no session. The same proof sent again gets the same answer.
 */
export async function verifyEmail(deps: Deps, caller: Caller, input: VerifyEmailInput): Promise<void> {
  const proof = 'code' in input ? byCode(deps, input) : await byLink(deps, caller, input);
  if (!(await proveSignup(deps.db, proof, caller, deps.now()))) throw new Refusal('invalid_code');
}

function byCode({ config }: Deps, { id, code }: { id: string; code: string }): Proof {
  const { mailSecrets, verificationCodeTries: maxTries } = config;
  return { id, codeMacs: codeMacs(mailSecrets, 'verify-email', id, code), maxTries };
}

/**
 * With a password this takes one more trip, which counts the try and gives the address that the hash needs. For a link
 * that does not work any more nothing is hashed.
 */
async function byLink(
  { config, db, passwords, now }: Deps,
  caller: Caller,
  input: { token: string } & ({ id: string } | { password: string }),
): Promise<Proof> {
  const tokenId = decodeLinkToken(config.mailSecrets, 'verify-email', input.token);
  if (tokenId === undefined) throw new Refusal('invalid_code', { reason: 'bad_link_mac' });
  if ('id' in input) return { id: input.id, tokenId };
  const link = await countLinkTry(db, tokenId, caller, now());
  if (link === undefined) throw new Refusal('invalid_code', { reason: 'not_open' });
  const { email, imported } = link;
  const { fitting } = await passwords.match(input.password, email, imported === null ? [] : [imported]);
  return { email, tokenId, records: fitting };
}
