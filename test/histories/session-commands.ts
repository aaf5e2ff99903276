/** A session goes on and ends: by its client, by tabs that race, and by thieves (docs/decisions/0011). */

import { ask, tokensIn } from './client.ts';
import {
  accountById,
  DAY,
  type Expected,
  endSessions,
  liveSession,
  type Model,
  OK,
  refused,
  SECOND,
} from './model.ts';
import { alarm, endShown, isPast, sessionOf, verdictOn } from './session-rules.ts';
import { type Command, type Held, pick, type RefreshToken, type World } from './world.ts';

const REFUSED = refused(401, 'invalid_refresh_token');
export const UNAUTHORIZED = refused(401, 'invalid_token');

/** Which of all issued tokens, and with which device token. `session` counts from the newest. */
type Showing = {
  session: number;
  token: 'newest' | 'older' | 'oldest' | 'withheld';
  device: 'own' | 'none' | 'another';
};

export type Refresh = { do: 'refresh'; roams: boolean } & Showing;

export function refresh(world: World, step: Refresh): Command | undefined {
  const shown = show(world, step);
  if (shown === undefined) return undefined;
  const { held, token, deviceToken, device } = shown;
  return {
    send: () => send(world, '/refresh', held, token, deviceToken, step.roams),
    offline: (m) => (isPast(m, held) ? REFUSED : undefined),
    judge(m) {
      const session = sessionOf(m, held, token);
      const verdict = session && verdictOn(m, session, token, device);
      if (session === undefined || verdict === undefined) return REFUSED;
      if (verdict === 'reused') {
        alarm(m, session);
        return REFUSED;
      }
      if (verdict === 'live' || verdict === 'late') {
        session.generation += 1;
        session.rotatedAt = m.now;
        session.exchanged = token.generation;
      }
      session.idleUntil = Math.min(session.endsAt, m.now + 7 * DAY);
      return { status: 200, outcome: `generation ${session.generation}` };
    },
    outcome: (answer) => (answer.status === 200 ? `generation ${tokensIn(answer).generation}` : undefined),
    learn(answer) {
      const { refreshToken, generation } = tokensIn(answer);
      held.withheld = { token: refreshToken, generation, secret: token.secret };
    },
    keep(answer) {
      const { access, accessEndsAt } = tokensIn(answer);
      if (held.withheld && held.tokens.at(-1)?.token !== held.withheld.token) held.tokens.push(held.withheld);
      held.withheld = undefined;
      Object.assign(held, { access, accessEndsAt });
    },
  };
}

export type LogOut = { do: 'logOut'; roams: boolean } & Showing;

export function logOut(world: World, step: LogOut): Command | undefined {
  const shown = show(world, step);
  if (shown === undefined) return undefined;
  const { held, token, deviceToken, device } = shown;
  return {
    send: () => send(world, '/logout', held, token, deviceToken, step.roams),
    offline: (m) => (isPast(m, held) ? OK : undefined),
    judge(m) {
      endShown(m, held, token, device);
      return OK;
    },
  };
}

export type ReadMe = { do: 'readMe'; session: number };

export function readMe(world: World, { session }: ReadMe): Command | undefined {
  const held = pick(newestFirst(world), session);
  if (held === undefined) return undefined;
  return {
    send: () => ask(world, 'GET', '/me', undefined, bearer(held)),
    offline: expiryOf(held),
    judge(m) {
      const live = liveSession(m, held.id);
      return live ? { status: 200, outcome: accountById(m, live.account)?.email ?? '' } : UNAUTHORIZED;
    },
    outcome: ({ body }) => body.data?.email,
  };
}

export type EndSessions =
  | { do: 'endOthers'; session: number }
  | { do: 'endOne'; session: number; target: number };

export function endSessionsOf(world: World, step: EndSessions): Command | undefined {
  const held = pick(newestFirst(world), step.session);
  const target = step.do === 'endOne' ? pick(newestFirst(world), step.target) : undefined;
  if (held === undefined || (step.do === 'endOne' && target === undefined)) return undefined;
  const path = target ? `/sessions/${world.ids.get(target.id)}` : '/sessions';
  return {
    send: () => ask(world, 'DELETE', path, undefined, bearer(held)),
    offline: expiryOf(held),
    judge(m) {
      const live = liveSession(m, held.id);
      if (live === undefined) return UNAUTHORIZED;
      if (target === undefined) {
        endSessions(m, live.account, live.id);
        return OK;
      }
      const own = liveSession(m, target.id);
      if (own?.account !== live.account) return refused(404, 'not_found');
      m.sessions = m.sessions.filter(({ id }) => id !== own.id);
      return OK;
    },
  };
}

export const newestFirst = (world: World): Held[] => [...world.sessions].reverse();
export const bearer = ({ from, access: token }: Held) => ({ from, token });
/** An access token that has expired by the time it is sent is refused without a trip to the database. */
export function expiryOf({ accessEndsAt }: Held): (m: Model) => Expected | undefined {
  return (m) => (accessEndsAt <= Math.floor(m.now / SECOND) * SECOND ? UNAUTHORIZED : undefined);
}

/** The tokens that are shown. Showing more or fewer than a client would counts as tampering with the session. */
function show(world: World, { session, token: which, device: with_ }: Showing) {
  const held = pick(newestFirst(world), session);
  if (held === undefined) return undefined;
  const back = { newest: -1, older: -2, oldest: -held.tokens.length, withheld: -1 }[which];
  const token = which === 'withheld' ? held.withheld : (held.tokens.at(back) ?? held.tokens[0]);
  const other = world.sessions.find(({ known }) => known && known.device !== held.known?.device)?.known;
  const known = { own: held.known, none: undefined, another: other }[with_];
  if (token === undefined || (with_ === 'another' && other === undefined)) return undefined;
  if (token !== held.tokens.at(-1) || with_ !== 'own') world.tampered.add(held.id);
  return { held, token, deviceToken: known?.token, device: known?.device ?? null };
}

function send(
  world: World,
  path: string,
  held: Held,
  token: RefreshToken,
  deviceToken: string | undefined,
  roams: boolean,
) {
  const { from, transport } = held;
  if (transport === 'body')
    return ask(world, 'POST', path, { refreshToken: token.token, deviceToken }, { from, roams });
  return ask(
    world,
    'POST',
    path,
    {},
    { from, roams, transport, cookies: { refresh: token.token, device: deviceToken } },
  );
}
