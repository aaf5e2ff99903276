/** Resets by a mailed link, and changes of the password by somebody who is logged in. */

import { ask, deviceIn, networkName, tokensIn } from './client.ts';
import { refusedBy } from './client-limits.ts';
import { confirm, isStillConfirmed } from './confirmation.ts';
import { clearCountersOf, clearTry } from './lockout-rules.ts';
import { isResetDue, liftSuppression, liveLinks } from './mail-rules.ts';
import type { ResetLink } from './mailed.ts';
import {
  type Account,
  accountById,
  accountOf,
  DAY,
  endSessions,
  HOUR,
  isOpen,
  MINUTE,
  type Model,
  newVersion,
  OK,
  owe,
  refused,
  voidMailed,
} from './model.ts';
import { bearer, expiryOf, newestFirst } from './session-commands.ts';
import { type Command, isDeviceOf, lettersOf, newId, pick, type World } from './world.ts';

const INVALID = refused(400, 'invalid_code');

export type Forgot = { do: 'forgot'; from: number; address: number; isRemembered: boolean; roams: boolean };

export function forgot(world: World, { from, address, isRemembered, roams }: Forgot): Command {
  const email = pick(world.addresses, address) ?? '';
  const shown = isRemembered ? world.known.get(`${from} ${email}`) : undefined;
  const id = newId(world, 'link');
  return {
    send: () => ask(world, 'POST', '/forgot-password', { email, deviceToken: shown?.token }, { from, roams }),
    ...refusedBy(world, 'forgot', { from, roams, isKnown: shown !== undefined }),
    judge(m) {
      const account = accountOf(m, email);
      if (account === undefined || !isOpen(account)) return OK;
      const network = networkName(from, roams);
      if (!isResetDue(liveLinks(m, account.id, email), network, isDeviceOf(m, email, shown))) return OK;
      m.links.push({ id, account: account.id, email, network, expiresAt: m.now + HOUR, hasSet: null });
      owe(m, 'reset_password', email, id);
      return OK;
    },
  };
}

export type Reset = { do: 'reset'; from: number; letter: number; password: string };

export function reset(world: World, { from, letter, password }: Reset): Command | undefined {
  const mail = pick(lettersOf(world, from, ['reset_password']), letter);
  if (mail === undefined) return undefined;
  return {
    send: () => ask(world, 'POST', '/reset-password', { token: mail.token, newPassword: password }, { from }),
    *judge(m) {
      const found = openLink(m, mail.about);
      if (found === undefined) return INVALID;
      const { email } = found.person;
      yield;
      const open = openLink(m, mail.about);
      if (open === undefined) return INVALID;
      const { link, person } = open;
      if (link.hasSet !== null) {
        if (person.password === password) return OK;
        link.hasSet = -1;
        return INVALID;
      }
      setPassword(m, person, password);
      link.hasSet = person.version;
      m.links.push(link);
      person.wrongSinceSuccess = 0;
      liftSuppression(m, person.email);
      endSessions(m, person.id);
      clearCountersOf(m, email, person.id);
      return OK;
    },
  };
}

/** A link that works, or that was used and whose password is still the one it set. */
function openLink(m: Model, id: string): { link: ResetLink; person: Account } | undefined {
  const link = m.links.find((l) => l.id === id && l.expiresAt > m.now);
  const person = link && accountById(m, link.account);
  if (link === undefined || person === undefined || !isOpen(person)) return undefined;
  return link.hasSet === null || link.hasSet === person.version ? { link, person } : undefined;
}

/** All mail for the old one is void, and its owner gets a notice. */
function setPassword(m: Model, person: Account, password: string): void {
  person.version = newVersion(m, person);
  person.password = password;
  voidMailed(m, person.id);
  owe(m, 'password_changed', person.email);
}

export type ChangePassword = { do: 'changePassword'; session: number; current: string; next: string };

export function changePassword(
  world: World,
  { session, current, next }: ChangePassword,
): Command | undefined {
  const held = pick(newestFirst(world), session);
  if (held === undefined) return undefined;
  const device = newId(world, 'device');
  const expired = expiryOf(held);
  const body = { currentPassword: current, newPassword: next };
  return {
    send: () => ask(world, 'POST', '/change-password', body, { ...bearer(held), transport: held.transport }),
    offline: (m) => expired(m) ?? (current === next ? refused(422, 'validation_failed') : undefined),
    *judge(m) {
      const confirming = yield* confirm(
        m,
        held.account,
        held.id,
        (own, live) => own.password === current || isRepeated(m, own, live, next),
      );
      const isAgain = confirming.own?.password !== current;
      if (confirming.refusal) return confirming.refusal;
      const confirmed = isStillConfirmed(m, confirming);
      if (confirmed === undefined) return refused(403, 'wrong_password');
      const { person, live, tried } = confirmed;
      if (!isAgain) {
        setPassword(m, person, next);
        endSessions(m, person.id, live.id);
      }
      clearTry(m, tried);
      const idleUntil = Math.min(live.endsAt, m.now + 7 * DAY);
      const renewed = {
        device,
        generation: 0,
        exchanged: null,
        rotatedAt: 0,
        idleUntil,
        hasSet: person.version,
      };
      Object.assign(live, { ...renewed, secret: device });
      return OK;
    },
    keep(answer) {
      const { access, accessEndsAt, refreshToken, deviceToken, generation } = tokensIn(answer);
      const known = deviceIn(deviceToken, device, held.account);
      held.tokens.push({ token: refreshToken, generation, secret: device });
      Object.assign(held, { access, accessEndsAt, known, withheld: undefined });
    },
  };
}

/** The session itself has set this password, not long ago: the answer may have been lost. */
const isRepeated = (m: Model, own: Account, live: { hasSet: number | null }, next: string) =>
  live.hasSet === own.version && own.version > m.now - 10 * MINUTE && own.password === next;
