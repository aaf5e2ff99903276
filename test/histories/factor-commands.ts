/** The second step of a login: a ticket that a right password has given, and a code of the app or a recovery code. */
import { ask, networkName } from './client.ts';
import { isUnspent, judgeAnswer, openSince, unchangedSince, useUpFactor } from './factor-rules.ts';
import { factorAnswer, type How } from './held-factors.ts';
import { clearTry, countTry, NOT_COUNTED, rulesOfCodes, rulesOfLogin, takeBackTry } from './lockout-rules.ts';
import { type Account, type Model, owe, refused, SECOND } from './model.ts';
import { isKnownTo, isTrusted, keepSession, openedIn, openSession, replacedBy } from './opening.ts';
import { type Command, isAdas, pick, type World } from './world.ts';

const VOID = refused(400, 'invalid_ticket');
const WRONG = refused(403, 'wrong_second_factor');

/** So many wrong codes in a row, and each multiple of it, are told. */
const TOLD = 10;

/** `ticket` counts from the newest of the person's. `trusts`: this device is not asked again. */
export type AnswerFactor = {
  do: 'answerFactor';
  from: number;
  ticket: number;
  how: How;
  trusts: boolean;
  isRemembered: boolean;
  transport: 'body' | 'cookie';
};

export function answerFactor(world: World, step: AnswerFactor): Command | undefined {
  const { from, transport, trusts } = step;
  const own = world.factors.tickets.filter((one) => isAdas(one.from) === isAdas(from)).reverse();
  const ticket = pick(own, step.ticket);
  const answer = ticket && factorAnswer(world, { account: ticket.account, from }, step.how);
  if (ticket === undefined || answer === undefined) return undefined;
  const { id, account, email } = ticket;
  const shown = step.isRemembered ? world.known.get(`${from} ${email}`) : undefined;
  const opening = { id, from, transport, shown, replaced: replacedBy(world, { from, transport, shown }) };
  const codes = 'code' in answer ? { rules: rulesOfCodes(account), isKnown: true } : undefined;
  const cookies = { device: shown?.token, refresh: opening.replaced?.token.token };
  const body = {
    ticket: ticket.ticket,
    ...('code' in answer ? { code: answer.code } : answer),
    trustDevice: trusts,
    ...(transport === 'body' && { deviceToken: shown?.token }),
  };
  return {
    send: () =>
      ask(world, 'POST', '/login/mfa', body, transport === 'body' ? { from } : { from, transport, cookies }),
    offline: (m) => (ticket.endsAt <= Math.floor(m.now / SECOND) * SECOND ? VOID : undefined),
    *judge(m) {
      const { isLocked, inARow } = codes ? countTry(m, codes) : NOT_COUNTED;
      const person = structuredClone(openSince(m, ticket));
      const spend = person && judgeAnswer(world.factors, m.now, person, answer);
      yield;
      if (isLocked) return refused(429, 'second_factor_locked');
      if (person === undefined) {
        if (codes) takeBackTry(m, codes);
        return VOID;
      }
      if (spend === undefined) {
        const told = unchangedSince(m, ticket);
        if (told && inARow > 0 && inARow % TOLD === 0) owe(m, 'mfa_guessing', told.email);
        return WRONG;
      }
      const proven = openSince(m, ticket);
      if (proven === undefined || !isUnspent(m, proven, spend)) return WRONG;
      useUpFactor(m, proven, spend);
      if (codes) clearTry(m, codes);
      clearPasswords(m, person);
      m.usedTickets.push(id);
      const isTrust = trusts || isTrusted(m, proven, shown);
      return { status: 200, outcome: openSession(m, proven, opening, isTrust) };
    },
    outcome: (answer) => (answer.status === 200 ? openedIn(world, answer) : undefined),
    keep: (answer) => keepSession(world, opening, email, answer),
  };

  /** The password was right as well, and its try was taken back then. */
  function clearPasswords(m: Model, person: Account): void {
    const rules = rulesOfLogin(person.email, networkName(from, false), shown?.device ?? null);
    clearTry(m, { rules, isKnown: isKnownTo(person, shown) }, true);
  }
}
