/** Who is asking: what the edge knows of a request, and the session that its access token names. */
import type { EventKind } from './event-kinds.ts';

/** Whoever sent the request, as far as the edge can tell. */
export type Caller = {
  client: string | null;
  userAgent: string | null;
  /** City and country, as far as Cloudflare tells. */
  place: string | null;
  requestId: string;
  /** The language asked for, for mail to come. */
  locale?: string | undefined;
  /** What has become known of the request, for its log line. */
  trace?: Trace;
};

type Trace = {
  events: EventKind[];
  userId?: string;
  sessionId?: string;
  /** Of an address that nobody has: the beginning of its key in `failed_login_attempts`. */
  addressHash?: string;
  /** Why, of the last event that has a reason. */
  reason?: string;
};

/** Notes for the log who the caller turned out to be, which event was written, once it has been, and why. */
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

/** The session that an access token names, as the claims say it: what a protected statement joins. */
export type Bearer = { userId: string; sessionId: string };

/** How the refresh token of a session travels, from its first day to its last. */
export const transports = ['body', 'cookie'] as const;
export type Transport = (typeof transports)[number];
