/** A person as a file of another system has them: what each source reads out of its rows, before it is checked. */
import type { ForeignHash } from '../../src/lib/imported-record.ts';
import type { FirebaseKeys } from './hash-text.ts';

/**
 * `own`: a record of Gatehouse itself. `unknown`: there is a hash, in a form that nobody here can read. Null: the person
 * had no password there.
 */
type CandidateHash = ForeignHash | { own: string } | 'unknown' | null;

export type Candidate = {
  externalId: unknown;
  email: unknown;
  isProven: boolean;
  isDisabled: boolean;
  name: unknown;
  locale: unknown;
  createdAt: unknown;
  hash: CandidateHash;
  /** The secret of an authenticator app, in base32. */
  totp: unknown;
  /** Keeps this id as its own: only people of another Gatehouse, whose tokens have named it. */
  id?: unknown;
};

/** What a source needs besides its rows. */
export type SourceSettings = { firebase: FirebaseKeys | undefined };

/** One row of the file: an object of JSON, or a line of CSV by its headings. */
export type Raw = Record<string, unknown>;

/** A row that is not taken; `reason` is one of a closed list. */
export class RowRefused extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

export const isRaw = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const part = (raw: Raw, name: string): Raw => {
  const value = raw[name];
  if (isRaw(value)) return value;
  // In CSV, and in an export of Keycloak, objects are JSON inside of a text.
  if (typeof value !== 'string' || !value.startsWith('{')) return {};
  try {
    const parsed: unknown = JSON.parse(value);
    return isRaw(parsed) ? parsed : {};
  } catch {
    return {};
  }
};

export const list = (raw: Raw, name: string): Raw[] => {
  const value = raw[name];
  return Array.isArray(value) ? value.filter(isRaw) : [];
};

/** The first that is there. */
export const first = (...values: unknown[]): unknown =>
  values.find((value) => value !== undefined && value !== null && value !== '');

/** Words for yes in exports of databases and of spreadsheets. Everything else is no. */
export const isYes = (value: unknown): boolean =>
  value === true || value === 1 || (typeof value === 'string' && /^(true|t|1|yes)$/i.test(value.trim()));
