/**
 * Password records: scrypt, then HMAC-SHA-256 with a pepper that is not in the database, written as a PHC string:
 * `$scrypt$ln=14,r=8,p=5,keyid=K$salt$hash` (base64 without padding, as PHC prescribes).
 *
 * A check takes one scrypt for each configured cost, whatever it is compared with: nothing, an account, waiting
 * sign-ups, or all of these, under any pepper. The salt depends on the address alone, and the pepper is applied after
 * the scrypt (docs/decisions/0002). While formats of other systems are listed, it runs each of these too
 * (imported-record.ts): an address has at most one record that was imported.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  type ForeignDigest,
  fitsImported,
  type ImportSettings,
  isImported,
  isReadable,
} from './imported-record.ts';
import { deriveKey, type Key, type KeyRing } from './key-ring.ts';
import { costText, type Scrypt, type ScryptCost, type ScryptCosts } from './scrypt.ts';

const SALT_BYTES = 16;

export type PasswordSettings = ImportSettings & {
  passwordPeppers: KeyRing;
  passwordSaltSecret: Uint8Array;
  passwordScryptCosts: ScryptCosts;
};

export type Match = {
  /** The index of the first record that the password fits, or -1. */
  index: number;
  /** All records that this password may be stored as at this address. Statements compare stored records with them. */
  fitting: readonly string[];
  /** The new record, if the fitting one has an old cost or pepper, or comes from another system. */
  rehashed: string | null;
  /** Cost and key id of a record that no configured key, cost or format can read. It fits no password. */
  unreadable: string | undefined;
};

export type PasswordHasher = {
  /** A new record for a password at an address. */
  hash(password: string, address: string): string;
  match(password: string, address: string, records: readonly string[]): Promise<Match>;
};

export function createPasswordHasher(
  settings: PasswordSettings,
  scrypt: Scrypt,
  loadDigest: () => Promise<ForeignDigest>,
): PasswordHasher {
  const { passwordPeppers: peppers, passwordScryptCosts: costs } = settings;
  const saltKey = deriveKey(settings.passwordSaltSecret, 'password salt');

  /** Different for each address, and unknown without the secret. */
  const saltFor = (address: string) =>
    createHmac('sha256', saltKey).update(address).digest().subarray(0, SALT_BYTES);

  return {
    hash(password, address) {
      const [salt, [cost], [pepper]] = [saltFor(address), costs, peppers];
      return recordOf(scrypt(canonicalPassword(password), salt, cost), salt, cost, pepper);
    },
    async match(password, address, records) {
      const salt = saltFor(address);
      const fitting = costs.flatMap((cost) => {
        const derived = scrypt(canonicalPassword(password), salt, cost);
        return peppers.map((pepper) => recordOf(derived, salt, cost, pepper));
      });
      const [newest = ''] = fitting;
      const record = records.find(isImported);
      const isOwn = await fitsImported(settings, { scrypt, loadDigest }, { password, address, record });
      if (isOwn && record !== undefined) fitting.push(record);
      const index = records.findIndex((record) => fitting.some((one) => isEqual(one, record)));
      const isOld = index !== -1 && records[index] !== newest;
      const readable = costs.flatMap((cost) => peppers.map(({ id }) => beginningOf(cost, id, salt)));
      const unreadable = records.find(
        (record) =>
          !readable.some((beginning) => record.startsWith(beginning)) && !isReadable(settings, record),
      );
      return { index, fitting, rehashed: isOld ? newest : null, unreadable: unreadable?.split('$')[2] };
    },
  };
}

function recordOf(derived: Uint8Array, salt: Uint8Array, cost: ScryptCost, pepper: Key): string {
  const hash = createHmac('sha256', pepper.secret).update(derived).digest();
  return beginningOf(cost, pepper.id, salt) + base64(hash);
}

const beginningOf = (cost: ScryptCost, keyId: string, salt: Uint8Array) =>
  `$scrypt$${costText(cost)},keyid=${keyId}$${base64(salt)}$`;

/**
 * NIST SP 800-63B-4 section 3.1.1.2: one normalization, NFC. The same characters fit, however a keyboard encodes them.
 */
export const canonicalPassword = (password: string): string => password.normalize('NFC');

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replaceAll('=', '');
