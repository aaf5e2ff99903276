/** The password confirmation of somebody who is logged in: judged in the first trip, checked again in the second. */
import { countTry, rulesOfSession, type Try, takeBackTry } from './lockout-rules.ts';
import {
  type Account,
  accountById,
  type Expected,
  liveSession,
  type Model,
  refused,
  type Session,
} from './model.ts';
import { UNAUTHORIZED } from './session-commands.ts';

export type Confirming = { id: string; tried: Try; own: Account | undefined; refusal: Expected | undefined };

/** The state that the first trip finds. `fits` says whether the password is right. */
function judge(
  m: Model,
  account: string,
  id: string,
  fits: (own: Account, live: Session) => boolean,
): Confirming {
  const tried = { rules: rulesOfSession(account, id), isKnown: true };
  const { isLocked } = countTry(m, tried);
  const live = liveSession(m, id);
  const found = live && accountById(m, live.account);
  if (live === undefined || found === undefined) return { id, tried, own: undefined, refusal: UNAUTHORIZED };
  const own = { ...found };
  if (isLocked) return { id, tried, own, refusal: refused(429, 'login_locked') };
  return { id, tried, own, refusal: fits(own, live) ? undefined : refused(403, 'wrong_password') };
}

/** Undefined when the session has ended, or password or address have changed, since the first trip. */
export function isStillConfirmed(
  m: Model,
  { id, tried, own }: Confirming,
): { person: Account; live: Session; tried: Try } | undefined {
  const live = liveSession(m, id);
  const person = live && accountById(m, live.account);
  if (live === undefined || person === undefined || own === undefined) return undefined;
  return person.email === own.email && person.version === own.version ? { person, live, tried } : undefined;
}

/** The first trip; then comes another, unless the session has ended. */
export function* confirm(
  m: Model,
  account: string,
  id: string,
  fits: (own: Account, live: Session) => boolean,
): Generator<TakeBack | undefined, Confirming> {
  const confirming = judge(m, account, id, fits);
  const { own, refusal, tried } = confirming;
  // A right password whose second trip failed is no failed try.
  if (own) yield refusal ? undefined : (then) => takeBackTry(then, tried);
  return confirming;
}

type TakeBack = (m: Model) => void;
