/** What clients hold of second factors, and what of it they send. */
import { codeAt } from '../support/totp-app.ts';
import { SECOND } from './model.ts';
import { isAdas, type World } from './world.ts';

/** What every ticket says: of which state of the account it is. */
type Said = { ticket: string; account: string; endsAt: number; version: number; epoch: number };

/** Of a login whose password was right. `id` is the session that it may open. */
type LoginTicket = Said & { id: string; from: number; email: string };

/** An authenticator app that was set up, and may never have been confirmed. */
type HeldApp = { id: string; account: string; from: number; secret: string };
type Enrolment = Said & { app: string; session: string };
/** Recovery codes, as they were shown; `tried` of them were used. */
type HeldCodes = { id: string; account: string; from: number; codes: string[]; tried: number };
export type Purpose = 'add-totp' | 'remove-totp' | 'renew-recovery-codes';
export type StepUpTicket = Said & { id: string; session: string; purpose: Purpose };

export type HeldFactors = {
  tickets: LoginTicket[];
  apps: HeldApp[];
  enrolments: Enrolment[];
  sets: HeldCodes[];
  stepUps: StepUpTicket[];
  /** Codes of apps that were sent: a thief may have seen them. */
  seen: { account: string; code: string }[];
};

export const noFactors = (): HeldFactors => ({
  tickets: [],
  apps: [],
  enrolments: [],
  sets: [],
  stepUps: [],
  seen: [],
});

/** `usedRecovery` and `replayed` are what a thief has seen somebody type. */
export type How = 'now' | 'before' | 'ahead' | 'replayed' | 'wrong' | 'recovery' | 'usedRecovery';
export type FactorAnswer = { code: string } | { recoveryCode: string };

const STEP = 30 * SECOND;
export const stepAt = (now: number): number => Math.floor(now / STEP);
const away = { now: 0, before: -1, ahead: 1 };

/** What the person who has the device sends; undefined when there is nothing of this kind to send. */
export function factorAnswer(
  { factors, clock }: World,
  { account, from }: { account: string; from: number },
  how: How,
): FactorAnswer | undefined {
  const isOwn = (one: { account: string; from: number }) =>
    one.account === account && isAdas(one.from) === isAdas(from);
  const step = stepAt(clock.now().getTime());
  if (how === 'replayed') return factors.seen.findLast((one) => one.account === account);
  if (how === 'wrong') return { code: wrongCode(factors, account, step) };
  if (how === 'usedRecovery') {
    const code = factors.sets.findLast((set) => set.account === account && set.tried > 0);
    return code && { recoveryCode: code.codes[code.tried - 1] ?? '' };
  }
  if (how === 'recovery') {
    const set = factors.sets.findLast(isOwn);
    const recoveryCode = set?.codes[set.tried];
    if (set === undefined || recoveryCode === undefined) return undefined;
    set.tried += 1;
    return { recoveryCode };
  }
  const app = factors.apps.findLast(isOwn);
  if (app === undefined) return undefined;
  const code = codeAt(app.secret, step + away[how]);
  factors.seen.push({ account, code });
  return { code };
}

/** One that fits no app of the account, now or soon. */
function wrongCode({ apps }: HeldFactors, account: string, step: number): string {
  const right = apps
    .filter((app) => app.account === account)
    .flatMap(({ secret }) => [-2, -1, 0, 1, 2].map((far) => codeAt(secret, step + far)));
  for (let code = 0; ; code++) {
    const text = String(code).padStart(6, '0');
    if (!right.includes(text)) return text;
  }
}
