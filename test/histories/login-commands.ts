/** Logging in: with the right password or a wrong one, from devices and networks that are known or not. */

import { ask, claimsOf, networkName, tokensIn } from './client.ts';
import { refusedBy } from './client-limits.ts';
import { clearTry, countTry, rulesOfLogin, takeBackTry } from './lockout-rules.ts';
import {
  accountById,
  accountOf,
  DAY,
  type Expected,
  isLive,
  type Model,
  owe,
  RATE_LIMITED,
  refused,
  SECOND,
} from './model.ts';
import { endShown } from './session-rules.ts';
import { type Command, isDeviceOf, modelId, newId, pick, type World } from './world.ts';

const MAX_SESSIONS = 3;

export type LogIn = {
  do: 'logIn';
  from: number;
  address: number;
  password: string;
  isRemembered: boolean;
  roams: boolean;
  transport: 'body' | 'cookie';
};

export function logIn(world: World, step: LogIn): Command {
  const { from, password, roams, transport } = step;
  const email = pick(world.addresses, step.address) ?? '';
  const id = newId(world, 'session');
  const shown = step.isRemembered ? world.known.get(`${from} ${email}`) : undefined;
  const replaced =
    transport === 'cookie'
      ? world.sessions.findLast((s) => s.from === from && s.transport === 'cookie')
      : undefined;
  const refreshToken = replaced?.tokens.at(-1);
  // A browser has both cookies of its session, or none.
  if (replaced && shown?.device !== replaced.known?.device) world.tampered.add(replaced.id);
  const asking = { from, roams, transport, cookies: { device: shown?.token, refresh: refreshToken?.token } };
  const body = { email, password, ...(transport === 'body' && { deviceToken: shown?.token }) };
  const tryOf = (m: Model) => ({
    rules: rulesOfLogin(email, networkName(from, roams), shown?.device ?? null),
    isKnown: isDeviceOf(m, email, shown),
  });
  return {
    send: () => ask(world, 'POST', '/login', body, transport === 'body' ? { from, roams } : asking),
    ...refusedBy(world, 'login', { from, roams, isKnown: shown !== undefined }, function* (m) {
      const tried = tryOf(m);
      const { isLocked } = countTry(m, tried);
      yield;
      if (!isLocked) takeBackTry(m, tried);
      return RATE_LIMITED;
    }),
    *judge(m) {
      const account = accountOf(m, email);
      const tried = tryOf(m);
      const { isLocked, isLast } = countTry(m, tried);
      const own =
        account && account.password !== null && account.erasedAt === null ? { ...account } : undefined;
      const isRight = !isLocked && own?.password === password;
      yield isRight ? (then) => takeBackTry(then, tried) : undefined;
      if (isLocked) return refused(429, 'login_locked');
      if (own && isRight) return openSession(m, { ...own, tried });
      const signup = m.signups.findLast(
        (s) => s.email === email && s.password === password && s.expiresAt > m.now,
      );
      if (signup !== undefined) {
        takeBackTry(m, tried);
        return { ...refused(403, 'email_not_verified'), outcome: signup.id };
      }
      const current = own && accountById(m, own.id);
      if (current) current.wrongSinceSuccess += 1;
      if (current && isLast) owe(m, 'password_disabled', current.email);
      return refused(401, 'invalid_credentials');

      function openSession(m: Model, proven: { id: string; version: number; tried: typeof tried }): Expected {
        const person = accountById(m, proven.id);
        if (person?.email !== email || person.version !== proven.version || person.erasedAt !== null)
          return refused(401, 'invalid_credentials');
        clearTry(m, proven.tried);
        if (replaced && refreshToken) endShown(m, replaced, refreshToken, shown?.device ?? null);
        const isDeviceKnown = shown?.account === person.id && shown.version === person.version;
        if (person.wrongSinceSuccess >= 10) owe(m, 'login_after_failures', person.email);
        else if (!isDeviceKnown && person.hasLoggedIn) owe(m, 'new_device', person.email);
        person.hasLoggedIn = true;
        person.wrongSinceSuccess = 0;
        const others = m.sessions.filter((s) => s.account === person.id && isLive(m, s));
        const kept = others.sort((a, b) => b.openedAt - a.openedAt).slice(0, MAX_SESSIONS - 1);
        m.sessions = m.sessions.filter((s) => s.account !== person.id || kept.includes(s));
        m.sessions.push({
          id,
          account: person.id,
          transport,
          device: isDeviceKnown && shown ? shown.device : `device of ${id}`,
          secret: id,
          generation: 0,
          exchanged: null,
          rotatedAt: 0,
          openedAt: m.now,
          idleUntil: m.now + 7 * DAY,
          endsAt: Math.floor((m.now + 30 * DAY) / SECOND) * SECOND,
          hasSet: null,
        });
        return { status: 200, outcome: person.id };
      }
    },
    outcome: ({ status, body }) => modelId(world, status === 200 ? body.data.user.id : body.id),
    learn: (answer) => world.ids.set(id, tokensIn(answer).sessionId),
    keep(answer) {
      const { access, accessEndsAt, refreshToken, deviceToken, generation } = tokensIn(answer);
      const account = modelId(world, answer.body.data.user.id) ?? '';
      const { pwv, jti } = claimsOf(deviceToken ?? '');
      const device = shown && claimsOf(shown.token).jti === jti ? shown.device : `device of ${id}`;
      const known = { token: deviceToken ?? '', device, account, version: pwv };
      world.known.set(`${from} ${email}`, known);
      world.sessions.push({
        id,
        account,
        from,
        transport,
        tokens: [{ token: refreshToken, generation, secret: id }],
        withheld: undefined,
        access,
        accessEndsAt,
        known,
      });
    },
  };
}
