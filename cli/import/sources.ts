/** How each system writes a person down. docs/import.md says how to get these files. */
import { type Candidate, first, isYes, list, part, type Raw, type SourceSettings } from './candidate.ts';
import { firebaseHash, pbkdf2Hash, readHash } from './hash-text.ts';

type Source = {
  /** Where the people are in a file that is one JSON document; undefined when it is a list, lines or CSV. */
  at?: string;
  read(raw: Raw, settings: SourceSettings): Candidate;
};

const none = { isDisabled: false, name: undefined, locale: undefined, totp: undefined };

/** There is a secret, but nobody here can read it: the person must not come along without it by accident. */
const UNREADABLE = '?';

const hashIn = (value: unknown): Candidate['hash'] =>
  typeof value === 'string' && value !== '' ? (readHash(value) ?? 'unknown') : null;

const words = (...parts: unknown[]) => parts.filter((one) => typeof one === 'string' && one !== '').join(' ');

/** The export that Auth0's support makes (one object a line), and the form that its bulk import takes. */
function auth0(raw: Raw): Candidate {
  const oid = part(raw, '_id').$oid;
  const [mailbox] = list(raw, 'identifiers').filter(({ type }) => type === 'email');
  const own = first(raw.alt_id, oid);
  return {
    ...none,
    externalId: first(raw.user_id, own === undefined ? undefined : `auth0|${own}`),
    email: first(raw.email, mailbox?.value),
    isProven: isYes(first(raw.email_verified, mailbox?.verified)),
    isDisabled: isYes(raw.blocked),
    name: first(raw.name, words(raw.given_name, raw.family_name), raw.nickname),
    locale: first(raw.locale, part(raw, 'user_metadata').locale),
    // The id of a MongoDB document begins with the second in which it was made.
    createdAt: first(
      raw.created_at,
      typeof oid === 'string' ? Number.parseInt(oid.slice(0, 8), 16) * 1_000 : undefined,
    ),
    hash: hashIn(first(raw.passwordHash, raw.password_hash)),
  };
}

/** Rows of `auth.users`. */
function supabase(raw: Raw): Candidate {
  const meta = part(raw, 'raw_user_meta_data');
  const banned = first(raw.banned_until);
  return {
    ...none,
    externalId: raw.id,
    email: raw.email,
    isProven: first(raw.email_confirmed_at) !== undefined,
    isDisabled: banned !== undefined && Date.parse(String(banned)) > Date.now(),
    name: first(meta.name, meta.full_name),
    locale: meta.locale,
    createdAt: raw.created_at,
    hash: hashIn(raw.encrypted_password),
    totp: raw.totp_secret,
  };
}

function firebase(raw: Raw, { firebase: keys }: SourceSettings): Candidate {
  const { passwordHash, salt } = raw;
  const hasHash = typeof passwordHash === 'string' && passwordHash !== '';
  const hash =
    hasHash && keys && typeof salt === 'string' ? firebaseHash(keys, salt, passwordHash) : undefined;
  return {
    ...none,
    externalId: raw.localId,
    email: raw.email,
    isProven: isYes(raw.emailVerified),
    isDisabled: isYes(raw.disabled),
    name: raw.displayName,
    createdAt: raw.createdAt,
    hash: hasHash ? (hash ?? 'unknown') : null,
  };
}

/** The CSV of the dashboard. */
function clerk(raw: Raw): Candidate {
  const address = String(first(raw.primary_email_address, raw.email_address) ?? '');
  const proven = String(raw.verified_email_addresses ?? '').split(/[\s,;|]+/);
  return {
    ...none,
    externalId: raw.id,
    email: address,
    isProven: proven.includes(address),
    isDisabled: isYes(raw.banned),
    name: first(words(raw.first_name, raw.last_name), raw.username),
    createdAt: raw.created_at,
    hash: hashIn(raw.password_digest),
    totp: raw.totp_secret,
  };
}

function keycloak(raw: Raw): Candidate {
  const credentials = list(raw, 'credentials');
  const password = credentials.find(({ type }) => type === 'password');
  const otp = credentials.find(({ type }) => type === 'otp');
  const { locale } = part(raw, 'attributes');
  return {
    ...none,
    externalId: raw.id,
    email: raw.email,
    isProven: isYes(raw.emailVerified),
    isDisabled: raw.enabled === false,
    name: first(words(raw.firstName, raw.lastName), raw.username),
    locale: Array.isArray(locale) ? locale[0] : locale,
    createdAt: raw.createdTimestamp,
    hash: password ? keycloakHash(password) : null,
    totp: otp ? keycloakTotp(otp) : undefined,
  };
}

function keycloakHash(credential: Raw): Candidate['hash'] {
  const { value, salt } = part(credential, 'secretData');
  const { algorithm, hashIterations, ...data } = part(credential, 'credentialData');
  if (typeof value !== 'string' || typeof salt !== 'string') return 'unknown';
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
  if (algorithm === 'pbkdf2-sha256' || algorithm === 'pbkdf2-sha512')
    return pbkdf2Hash(algorithm, Number(hashIterations), bytes(salt), bytes(value));
  if (algorithm !== 'argon2') return 'unknown';
  const one = (name: string) => [part(data, 'additionalParameters')[name]].flat()[0];
  const version = one('version') === '1.3' ? '19' : '16';
  const cost = `m=${one('memory')},t=${hashIterations},p=${one('parallelism')}`;
  return readHash(`$argon2${one('type')}$v=${version}$${cost}$${salt}$${value}`) ?? 'unknown';
}

/** Keycloak takes the letters of the secret as its bytes; apps got them in base32. */
function keycloakTotp(credential: Raw): unknown {
  const { value } = part(credential, 'secretData');
  const { subType, digits, period, algorithm } = part(credential, 'credentialData');
  const isUsual = subType === 'totp' && digits === 6 && period === 30 && algorithm === 'HmacSHA1';
  return isUsual && typeof value === 'string' ? { bytes: Buffer.from(value, 'utf8') } : UNREADABLE;
}

/** People and their `credential` accounts, joined. */
function betterAuth(raw: Raw): Candidate {
  return {
    ...none,
    externalId: raw.id,
    email: raw.email,
    isProven: isYes(first(raw.emailVerified, raw.email_verified)),
    isDisabled: isYes(raw.banned),
    name: raw.name,
    createdAt: first(raw.createdAt, raw.created_at),
    hash: hashIn(raw.password),
    // better-auth encrypts the secret with one of its own.
    totp: first(
      raw.totp_secret,
      isYes(first(raw.twoFactorEnabled, raw.two_factor_enabled)) ? UNREADABLE : undefined,
    ),
  };
}

function csv(raw: Raw): Candidate {
  return {
    externalId: raw.id,
    email: raw.email,
    isProven: isYes(raw.email_verified),
    isDisabled: isYes(raw.disabled),
    name: raw.name,
    locale: raw.locale,
    createdAt: raw.created_at,
    hash: hashIn(raw.password_hash),
    totp: raw.totp_secret,
  };
}

/** What `npm run export` writes. The person keeps the id. */
function gatehouse(raw: Raw): Candidate {
  const { passwordHash: record } = raw;
  return {
    externalId: raw.id,
    id: raw.id,
    email: raw.email,
    isProven: isYes(raw.emailVerified),
    isDisabled: isYes(raw.disabled),
    name: raw.name,
    locale: raw.locale,
    createdAt: raw.createdAt,
    hash: typeof record === 'string' && record !== '' ? { own: record } : null,
    totp: first(raw.totpSecret, isYes(raw.hasTotp) ? UNREADABLE : undefined),
  };
}

export const sources: Record<string, Source> = {
  auth0: { read: auth0 },
  supabase: { read: supabase },
  firebase: { at: 'users', read: firebase },
  clerk: { read: clerk },
  keycloak: { at: 'users', read: keycloak },
  'better-auth': { read: betterAuth },
  csv: { read: csv },
  gatehouse: { read: gatehouse },
};
