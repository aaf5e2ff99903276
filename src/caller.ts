/** Who sent a request: what the edge knows about it, and the session in its access token. */
import type { EventKind } from './event-kinds.ts';

/** The sender of a request, as far as the edge knows. */
export type Caller = {
  client: string | null;
  userAgent: string | null;
  /** City and country, if Cloudflare knows them. */
  place: string | null;
  requestId: string;
  /** The language that the client prefers, for later mails. */
  locale?: string | undefined;
  /** What is found out about the request while it runs, for its log line. */
  trace?: Trace;
};

type Trace = {
  events: EventKind[];
  userId?: string;
  sessionId?: string;
  /** For an address without an account: the beginning of its key in `failed_login_attempts`. */
  addressHash?: string;
  /** The reason of the last event that has one. */
  reason?: string;
};

/** Notes for the log line who the caller is, and which event was written and why. */
export function note(
  { trace }: Caller,
  known: {
    event?: EventKind;
    userId?: string | null;
    sessionId?: string | null;
    reason?: string | null;
    addressHash?: string;
  },
): void {
  if (trace === undefined) return;
  if (known.event) trace.events.push(known.event);
  if (known.userId) trace.userId = known.userId;
  if (known.sessionId) trace.sessionId = known.sessionId;
  if (known.addressHash) trace.addressHash = known.addressHash;
  if (known.reason) trace.reason = known.reason;
}

/** The user and session that an access token names. A protected statement joins this session. */
export type Bearer = { userId: string; sessionId: string };

/** How the refresh token of a session travels. It never changes for a session. */
export const transports = ['body', 'cookie'] as const;
export type Transport = (typeof transports)[number];
