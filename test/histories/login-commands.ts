/** Logging in: with the right password or a wrong one, from devices and networks that are known or not. */

import { ask, claimsOf, networkName, tokensIn } from './client.ts';
import { refusedBy } from './client-limits.ts';
import { methodsOf, owes } from './factor-rules.ts';
import { clearTry, countTry, rulesOfLogin, takeBackTry } from './lockout-rules.ts';
import {
  type Account,
  accountById,
  accountOf,
  type Expected,
  isOpen,
  type Model,
  owe,
  RATE_LIMITED,
  refused,
} from './model.ts';
import { isTrusted, keepSession, openedIn, openSession, replacedBy } from './opening.ts';
import { type Command, isDeviceOf, modelId, newId, pick, type World } from './world.ts';

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
  const replaced = replacedBy(world, { from, transport, shown });
  const opening = { id, from, transport, shown, replaced };
  const cookies = { device: shown?.token, refresh: replaced?.token.token };
  const body = { email, password, ...(transport === 'body' && { deviceToken: shown?.token }) };
  const tryOf = (m: Model) => ({
    rules: rulesOfLogin(email, networkName(from, roams), shown?.device ?? null),
    isKnown: isDeviceOf(m, email, shown),
  });
  return {
    send: () =>
      ask(
        world,
        'POST',
        '/login',
        body,
        transport === 'body' ? { from, roams } : { from, roams, transport, cookies },
      ),
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
      const own = account && account.password !== null && isOpen(account) ? { ...account } : undefined;
      const isRight = !isLocked && own?.password === password;
      yield isRight ? (then) => takeBackTry(then, tried) : undefined;
      if (isLocked) return refused(429, 'login_locked');
      if (own && isRight) return grant(m, own);
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

      /** `proven` is the account as it was when the password was compared. */
      function grant(m: Model, proven: Account): Expected {
        const person = accountById(m, proven.id);
        const isSame = person?.email === email && person.version === proven.version;
        if (!isSame || person.epoch !== proven.epoch || !isOpen(person))
          return refused(401, 'invalid_credentials');
        const isTrust = isTrusted(m, person, shown);
        if (owes(person) && !isTrust) {
          takeBackTry(m, tried);
          return { status: 200, outcome: `a ticket of ${person.id} for ${methodsOf(person)}` };
        }
        clearTry(m, tried);
        return { status: 200, outcome: openSession(m, person, opening, isTrust) };
      }
    },
    outcome(answer) {
      const { status, body } = answer;
      if (status !== 200) return modelId(world, body.id);
      if (!body.data.mfaRequired) return openedIn(world, answer);
      return `a ticket of ${modelId(world, claimsOf(body.data.ticket).sub)} for ${body.data.methods}`;
    },
    learn(answer) {
      const { mfaRequired, ticket } = answer.body.data;
      world.ids.set(id, mfaRequired ? claimsOf(ticket).jti : tokensIn(answer).sessionId);
    },
    keep(answer) {
      const { mfaRequired, ticket } = answer.body.data;
      if (!mfaRequired) return keepSession(world, opening, email, answer);
      const { sub, exp, pwv: version, epo: epoch } = claimsOf(ticket);
      const account = modelId(world, sub) ?? '';
      world.factors.tickets.push({ id, account, from, email, ticket, endsAt: exp * 1_000, version, epoch });
    },
  };
}
