/** What a refresh token is worth (the table of docs/decisions/0011), and how it ends its session. */
import { accountById, isLive, type Model, owe, SECOND, type Session } from './model.ts';
import type { Held, RefreshToken } from './world.ts';

const GRACE = 10 * SECOND;

/** The session of the token ends; as stolen, and with an alarm, when the token could not be refreshed. */
export function endShown(m: Model, held: Held, token: RefreshToken, device: string | null): void {
  const session = isPast(m, held) ? undefined : sessionOf(m, held, token);
  if (session === undefined) return;
  if (verdictOn(m, session, token, device) === 'reused') alarm(m, session);
  m.sessions = m.sessions.filter(({ id }) => id !== session.id);
}

/** Past the absolute end of the session its tokens are expired, whatever the database says. */
export const isPast = (m: Model, { id }: Held) =>
  (m.sessions.find((s) => s.id === id)?.endsAt ?? Number.POSITIVE_INFINITY) <= m.now;

/** A token of a generation to come, or of before a change of the password, is none of the session's. */
export const sessionOf = (m: Model, { id, transport }: Held, token: RefreshToken) =>
  m.sessions.find(
    (s) =>
      s.id === id &&
      isLive(m, s) &&
      s.transport === transport &&
      s.secret === token.secret &&
      s.generation >= token.generation,
  );

/** The table of docs/decisions/0011. */
export function verdictOn(m: Model, s: Session, { generation }: RefreshToken, device: string | null) {
  const isOwn = s.device === device;
  const isInGrace = s.rotatedAt > m.now - GRACE;
  if (s.generation === generation) return s.exchanged !== null && isInGrace && isOwn ? 'fresh' : 'live';
  if (s.exchanged !== generation) return 'reused';
  if (isInGrace && (isOwn || (s.transport === 'body' && device === null))) return 'racing';
  return isOwn ? 'late' : 'reused';
}

export function alarm(m: Model, session: Session): void {
  m.sessions = m.sessions.filter(({ id }) => id !== session.id);
  m.alarms.push(session.id);
  owe(m, 'refresh_token_reused', accountById(m, session.account)?.email ?? '');
}
