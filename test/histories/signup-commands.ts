/** Signing up and proving it: by code, by link, with the id or the password. */

import { ask } from './client.ts';
import { refusedBy } from './client-limits.ts';
import { codeFits, isLinkDue, liftSuppression, noticeFits } from './mail-rules.ts';
import type { Signup } from './mailed.ts';
import {
  accountOf,
  DAY,
  type Expected,
  isOpen,
  isReservedFor,
  MINUTE,
  type Model,
  OK,
  owe,
  refused,
} from './model.ts';
import { type Command, lettersOf, newId, pick, type World } from './world.ts';

const MAX_TRIES = 5;
const INVALID = refused(400, 'invalid_code');

export type SignUp = { do: 'signUp'; from: number; address: number; password: string };

export function signUp(world: World, { from, address, password }: SignUp): Command {
  const id = newId(world, 'sign-up');
  const email = pick(world.addresses, address) ?? '';
  return {
    send: () => ask(world, 'POST', '/signup', { name: 'Somebody', email, password }, { from }),
    ...refusedBy(world, 'signup', { from }),
    judge(m) {
      const isTaken = accountOf(m, email) !== undefined;
      const fits = codeFits(m, 'verify_email', email);
      const signup: Signup = {
        id,
        email,
        password,
        expiresAt: m.now + DAY,
        codeMail: null,
        codeExpiresAt: fits ? m.now + 5 * MINUTE : 0,
        tries: 0,
        linkTries: 0,
        resends: 0,
        at: m.now,
      };
      if (isTaken) owe(m, 'already_registered', email, '', noticeFits(m, email));
      else signup.codeMail = owe(m, 'verify_email', email, id, fits || isLinkDue(m, email));
      m.signups.push(signup);
      return OK;
    },
    learn: (answer) => world.ids.set(id, answer.body.data.id),
    keep: () => world.signups.push({ id, from, email, password }),
  };
}

export type ProveByCode = { do: 'proveByCode'; from: number; signup: number; letter: number };

/** With the id that this client was given, and a code in a mailbox of its own. */
export function proveByCode(world: World, { from, signup, letter }: ProveByCode): Command | undefined {
  const own = pick(ownSignups(world, from), signup);
  const mail = pick(
    lettersOf(world, from, ['verify_email']).filter(({ code }) => code),
    letter,
  );
  if (own === undefined || mail === undefined) return undefined;
  return {
    send: () => ask(world, 'POST', '/verify-email', { id: world.ids.get(own.id), code: mail.code }, { from }),
    judge(m) {
      const used = usedProof(m, own.id);
      if (used && used.codeExpiresAt > m.now && used.codeMail === mail.mail) return OK;
      const found = waiting(m, own.id);
      if (found === undefined || found.codeExpiresAt <= m.now || found.tries >= MAX_TRIES) return INVALID;
      found.tries += 1;
      return found.codeMail === mail.mail && isFree(m, found) ? become(m, found) : INVALID;
    },
  };
}

export type ProveByLink = {
  do: 'proveByLink';
  from: number;
  signup: number;
  letter: number;
  with: 'id' | 'password';
};

/** Any link in the mailbox, whoever caused it, with one's own id or password. */
export function proveByLink(world: World, step: ProveByLink): Command | undefined {
  const { from } = step;
  const own = pick(ownSignups(world, from), step.signup);
  const mail = pick(lettersOf(world, from, ['verify_email']), step.letter);
  if (own === undefined || mail?.token === undefined) return undefined;
  const { token, about } = mail;
  const { password } = own;
  if (step.with === 'id')
    return {
      send: () => ask(world, 'POST', '/verify-email', { token, id: world.ids.get(own.id) }, { from }),
      judge(m) {
        const used = usedProof(m, about);
        if (used && used.expiresAt > m.now && used.id === own.id) return OK;
        const link = waiting(m, about);
        const meant = waiting(m, own.id);
        return link && meant?.email === link.email && isFree(m, meant) ? become(m, meant) : INVALID;
      },
    };
  return {
    send: () => ask(world, 'POST', '/verify-email', { token, password }, { from }),
    *judge(m) {
      const link = waiting(m, about) ?? usedSince(m, about);
      if (link === undefined || link.linkTries >= MAX_TRIES) return INVALID;
      link.linkTries += 1;
      yield;
      const used = usedProof(m, about);
      if (used && used.expiresAt > m.now && m.accounts.some((a) => a.id === about && a.password === password))
        return OK;
      const source = waiting(m, about);
      if (source === undefined) return INVALID;
      const meant = m.signups
        .filter((s) => s.email === source.email && s.password === password && s.expiresAt > m.now)
        .sort(
          (a, b) =>
            Number(b.id === about) - Number(a.id === about) || m.signups.indexOf(b) - m.signups.indexOf(a),
        )[0];
      return meant && isFree(m, meant) ? become(m, meant) : INVALID;
    },
  };
}

export type Resend = { do: 'resend'; from: number; signup: number };

export function resend(world: World, { from, signup }: Resend): Command | undefined {
  const own = pick(ownSignups(world, from), signup);
  if (own === undefined) return undefined;
  return {
    send: () => ask(world, 'POST', '/verify-email/resend', { id: world.ids.get(own.id) }, { from }),
    judge(m) {
      const found = waiting(m, own.id);
      if (found === undefined || found.resends >= 3 || !codeFits(m, 'verify_email', found.email)) return OK;
      found.resends += 1;
      found.linkTries = 0;
      found.codeExpiresAt = m.now + 5 * MINUTE;
      found.codeMail = owe(m, 'verify_email', found.email, found.id, accountOf(m, found.email) === undefined);
      return OK;
    },
  };
}

const ownSignups = (world: World, from: number) =>
  world.signups.filter((s) => s.from < 2 === from < 2).reverse();

/** What an open account came from. */
const usedProof = (m: Model, id: string) =>
  m.usedProofs.find((p) => p.id === id && m.accounts.some((a) => a.id === id && isOpen(a)));

const waiting = (m: Model, id: string) => m.signups.find((s) => s.id === id && s.expiresAt > m.now);

/** A link that was used keeps its tries while the password is still that of the sign-up. */
const usedSince = (m: Model, id: string) =>
  m.usedProofs.find(
    (p) => p.id === id && p.expiresAt > m.now && m.accounts.some((a) => a.id === id && a.version <= p.usedAt),
  );

const isFree = (m: Model, { email }: Signup) =>
  accountOf(m, email) === undefined && !isReservedFor(m, email, null);

/** The sign-up is the account of its address; all others for that address are gone. */
function become(m: Model, signup: Signup): Expected {
  const { id, email, password, at } = signup;
  m.accounts.push({
    id,
    email,
    password,
    version: at,
    hasLoggedIn: false,
    wrongSinceSuccess: 0,
    erasedAt: null,
    isDisabled: false,
    app: null,
    recovery: null,
    epoch: 0,
  });
  m.usedProofs.push({ ...signup, usedAt: m.now });
  m.signups = m.signups.filter((other) => other.email !== email);
  liftSuppression(m, email);
  return OK;
}
