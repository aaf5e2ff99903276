/** Access tokens of Gatehouse (RFC 9068), verified without a request for each, and refused once their session has ended. */
import { claimsOf } from './claims.ts';
import { type After, Kept } from './kept.ts';
import { keyOf, keySet } from './keys.ts';
import { hasEnded, type Revocations, readRevocations } from './revocations.ts';
import { VerifyError } from './verify-error.ts';

/** Who sent a request, as the access token says it. Know people by `userId`: an address can change hands. */
export type Session = {
  userId: string;
  sessionId: string;
  /** How the person proved who they are (RFC 8176). */
  amr: readonly string[];
  /** When the person logged in. */
  authenticatedAt: Date;
  issuedAt: Date;
  expiresAt: Date;
  verifiedAt: Date;
};

export type Options = {
  /** The public origin of Gatehouse, its `ISSUER`. */
  issuer: string;
  /** Its `AUDIENCE`. */
  audience: string;
  /**
   * What happens to requests when no list of ended sessions came for 30 seconds. False, the default: they pass, and
   * `report` is called. True: they are refused with 503.
   */
  failClosed?: boolean;
  /** Called at most every 30 seconds while ended sessions are not known, with the reason. Without it a line is logged. */
  report?: (fault: { message: string; cause: unknown }) => void;
  /** Replaces the global `fetch`: that of a service binding, for example. */
  fetch?: (url: string, init: { signal: AbortSignal }) => Promise<Response>;
  /** The time in milliseconds, for tests. */
  now?: () => number;
};

export type Verifier = {
  /**
   * The session of an access token. In a Worker pass `waitUntil`, so that loading can finish after the request.
   * @throws VerifyError
   */
  verify(token: string, after?: After): Promise<Session>;
};

/** Gatehouse makes a new list every 3 seconds: every session that ended more than 10 seconds ago is in the one in use. */
const LIST = { freshMs: 4_000, waitMs: 6_000, retryMs: 4_000 };
const UNKNOWN_AFTER_MS = 30_000;

/** One for a process: it keeps the keys, and the list of ended sessions. */
export function createVerifier(options: Options): Verifier {
  const { issuer, audience, now = Date.now } = options;
  const origin = issuer.replace(/\/+$/, '');
  const get = async (path: string, signal: AbortSignal): Promise<Response> => {
    const ask = options.fetch ?? fetch;
    const response = await ask(`${origin}/.well-known/${path}`, { signal });
    if (!response.ok) throw new Error(`${path} was answered ${response.status}`);
    return response;
  };

  const keys = keySet((signal) => get('jwks.json', signal), now);
  const list: Kept<Revocations> = new Kept<Revocations>(
    async (signal) => {
      const response = await get('revoked-sessions', signal);
      // Not `text()`: workerd warns when the type of a body is not text.
      const text = new TextDecoder().decode(await response.arrayBuffer());
      return readRevocations(text, keyOf(keys), { issuer, now: now(), last: list.value });
    },
    LIST,
    now,
  );
  let reportedAt = Number.NEGATIVE_INFINITY;

  /** What is known of ended sessions; undefined when nothing is known and requests pass anyway. */
  async function revocations(after: After | undefined): Promise<Revocations | undefined> {
    const known = await list.get(after);
    if (now() - list.askedAt < UNKNOWN_AFTER_MS) return known;
    if (now() - reportedAt >= UNKNOWN_AFTER_MS) {
      reportedAt = now();
      (options.report ?? logged)({
        message: 'which sessions have ended is not known',
        cause: list.lastFault,
      });
    }
    if (options.failClosed) throw new VerifyError('service_unavailable', 'ended sessions are not known');
    return known;
  }

  return {
    async verify(token, after) {
      // In this order: a token that is not Gatehouse's causes no request for the list.
      const claims = await claimsOf(token, keyOf(keys, after), { issuer, audience, now: now() });
      const known = await revocations(after);
      if (known && (await hasEnded(known, claims)))
        throw new VerifyError('invalid_token', 'the session has ended');
      return {
        userId: claims.sub,
        sessionId: claims.sid,
        amr: claims.amr,
        authenticatedAt: new Date(claims.auth_time * 1_000),
        issuedAt: new Date(claims.iat * 1_000),
        expiresAt: new Date(claims.exp * 1_000),
        verifiedAt: new Date(now()),
      };
    },
  };
}

/** @throws VerifyError when the person logged in longer ago; a refresh makes no login newer */
export function requireFresh({ authenticatedAt, verifiedAt }: Session, seconds: number): void {
  if (verifiedAt.getTime() - authenticatedAt.getTime() <= seconds * 1_000) return;
  throw new VerifyError('login_too_old', `the login is older than ${seconds} s`, `, max_age="${seconds}"`);
}

/** @throws VerifyError when the login was not by two factors (`mfa` of RFC 8176) */
export function requireMfa(session: Session): void {
  if (!session.amr.includes('mfa'))
    throw new VerifyError('second_factor_required', 'the login was by one factor');
}

const logged = ({ message, cause }: { message: string; cause: unknown }) =>
  console.warn(JSON.stringify({ event: 'gatehouse.revocations_unknown', message, cause: String(cause) }));

export { VerifyError };
