/** Second factors (docs/threats.md): who owes one, which answer is right, and what it uses up. */
import { codeAt } from '../support/totp-app.ts';
import { type FactorAnswer, type HeldFactors, stepAt } from './held-factors.ts';
import { type Account, accountById, isOpen, type Model, owe } from './model.ts';

const RECOVERY_CODES = 10;

export const owes = ({ app }: Account): boolean => app !== null;

export const methodsOf = ({ recovery }: Account): string =>
  recovery && recovery.used.length < RECOVERY_CODES ? 'totp,recovery' : 'totp';

/** What a right answer uses up. */
export type Spend = { app: string; step: number } | { set: string; index: number } | { ticket: string };

/** By the account as it was when the answer came. Undefined: wrong, or used before. */
export function judgeAnswer(
  { apps, sets }: HeldFactors,
  now: number,
  { app, recovery }: Account,
  answer: FactorAnswer,
): Spend | undefined {
  if ('code' in answer) {
    const secret = apps.find(({ id }) => id === app?.id)?.secret;
    if (app === null || secret === undefined) return undefined;
    // In the order in which an app that is a little slow, or a little fast, is allowed for.
    const step = [0, -1, 1]
      .map((away) => stepAt(now) + away)
      .find((one) => codeAt(secret, one) === answer.code);
    return step === undefined || step <= app.lastStep ? undefined : { app: app.id, step };
  }
  const codes = sets.find(({ id }) => id === recovery?.set)?.codes ?? [];
  const index = codes.indexOf(answer.recoveryCode);
  return recovery === null || index === -1 || recovery.used.includes(index)
    ? undefined
    : { set: recovery.set, index };
}

/** Of any number of requests with one answer, one gets this far. */
export function isUnspent(m: Model, { app, recovery }: Account, spend: Spend): boolean {
  if ('ticket' in spend) return !m.usedTickets.includes(spend.ticket);
  if ('step' in spend) return app?.id === spend.app && app.lastStep < spend.step;
  return recovery?.set === spend.set && !recovery.used.includes(spend.index);
}

export function useUpFactor(m: Model, { app, recovery, email }: Account, spend: Spend): void {
  if ('ticket' in spend) m.usedTickets.push(spend.ticket);
  else if ('step' in spend) Object.assign(app ?? {}, { lastStep: spend.step });
  else {
    recovery?.used.push(spend.index);
    owe(m, 'recovery_code_used', email);
  }
}

type Said = { account: string; version: number; epoch: number };

/** Whose ticket it is, while password and factors are those it speaks of. */
export function unchangedSince(m: Model, { account, version, epoch }: Said): Account | undefined {
  const person = accountById(m, account);
  return person?.version === version && person.epoch === epoch ? person : undefined;
}

export function openSince(m: Model, said: Said & { id: string }): Account | undefined {
  const person = unchangedSince(m, said);
  return person && isOpen(person) && !m.usedTickets.includes(said.id) ? person : undefined;
}
