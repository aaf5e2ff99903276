/** A change of address, and its undo from the old mailbox. */

import { ask } from './client.ts';
import type { How } from './held-factors.ts';
import { takeBackTry } from './lockout-rules.ts';
import { codeFits, liftSuppression, mayAskForChange, noticeFits } from './mail-rules.ts';
import type { Change } from './mailed.ts';
import {
  type Account,
  accountById,
  accountOf,
  DAY,
  endSessions,
  isReservedFor,
  liveSession,
  MINUTE,
  type Model,
  newVersion,
  OK,
  owe,
  refused,
  voidMailed,
} from './model.ts';
import { judgeBoth, secondFactor, stillProven, useUpProof } from './proof.ts';
import { bearer, expiryOf, newestFirst, UNAUTHORIZED } from './session-commands.ts';
import { type Command, lettersOf, newId, pick, type World } from './world.ts';

const CHANGED_MEANWHILE = refused(403, 'wrong_password');

/** `how`: the second factor that is sent beside the password. */
export type AskToMove = {
  do: 'askToMove';
  session: number;
  address: number;
  password: string;
  how?: How | undefined;
};

export function askToMove(world: World, { session, address, password, how }: AskToMove): Command | undefined {
  const held = pick(newestFirst(world), session);
  if (held === undefined) return undefined;
  const newEmail = pick(world.addresses, address) ?? '';
  const id = newId(world, 'change');
  const factor = secondFactor(world, held, how);
  const body = { newEmail, currentPassword: password, secondFactor: factor.body };
  return {
    send: () => ask(world, 'POST', '/change-email', body, bearer(held)),
    offline: expiryOf(held),
    *judge(m) {
      const proven = yield* judgeBoth(world, m, held, password, factor);
      if ('refusal' in proven) return proven.refusal;
      if (proven.own.email === newEmail) {
        if (proven.tried) takeBackTry(m, proven.tried);
        return refused(422, 'validation_failed');
      }
      const person = stillProven(m, proven);
      if (person === undefined) return CHANGED_MEANWHILE;
      useUpProof(m, person, proven);
      const mayAsk = mayAskForChange(m, person.id);
      if (mayAsk) m.asked.push({ account: person.id, at: m.now });
      const isTaken = accountOf(m, newEmail) !== undefined;
      const isCodeDue = mayAsk && codeFits(m, 'change_email', newEmail);
      const change: Change = {
        id,
        account: person.id,
        email: newEmail,
        codeMail: null,
        expiresAt: m.now + 5 * MINUTE,
        tries: 0,
        isVoid: !isCodeDue,
        isUsed: false,
      };
      m.changes = [...m.changes.filter(({ account }) => account !== person.id), change];
      if (isTaken) owe(m, 'change_email_taken', newEmail, '', mayAsk && noticeFits(m, newEmail));
      else change.codeMail = owe(m, 'change_email', newEmail, id, isCodeDue);
      owe(m, 'change_email_notice', person.email, id);
      return OK;
    },
  };
}

export type ConfirmMove = { do: 'confirmMove'; session: number; letter: number };

export function confirmMove(world: World, { session, letter }: ConfirmMove): Command | undefined {
  const held = pick(newestFirst(world), session);
  const mail = held && pick(lettersOf(world, held.from, ['change_email']), letter);
  if (held === undefined || mail === undefined) return undefined;
  return {
    send: () => ask(world, 'POST', '/change-email/confirm', { code: mail.code }, bearer(held)),
    offline: expiryOf(held),
    judge(m) {
      const live = liveSession(m, held.id);
      const person = live && accountById(m, live.account);
      if (live === undefined || person === undefined) return UNAUTHORIZED;
      const change = m.changes.find(
        (c) => c.account === person.id && !c.isUsed && !c.isVoid && c.expiresAt > m.now,
      );
      if (change === undefined || change.tries >= 5) return refused(400, 'invalid_code');
      change.tries += 1;
      const { email } = change;
      if (change.codeMail !== mail.mail || accountOf(m, email) || isReservedFor(m, email, person.id))
        return refused(400, 'invalid_code');
      change.isUsed = true;
      move(m, person, change);
      endSessions(m, person.id, live.id);
      return OK;
    },
  };
}

/** Whoever else wanted the address is out; the way back goes as far as any that is still open. */
function move(m: Model, person: Account, { id, email }: Change): void {
  const old = person.email;
  const open = undosOf(m, person.id).find((undo) => undo.email !== email);
  m.undos.push({ id, account: person.id, email: open?.email ?? old, expiresAt: m.now + 3 * DAY, at: m.now });
  person.email = email;
  m.signups = m.signups.filter((s) => s.email !== email);
  m.changes = m.changes.filter((c) => c.email !== email || c.account === person.id);
  m.links = m.links.filter(({ account }) => account !== person.id);
  liftSuppression(m, email);
  owe(m, 'email_changed', old, id);
  owe(m, 'email_changed', email);
}

/** That are still open, oldest first. */
export const undosOf = (m: Model, account: string) =>
  m.undos.filter((undo) => undo.account === account && undo.expiresAt > m.now).sort((a, b) => a.at - b.at);

export type TakeBack = { do: 'takeBack'; from: number; letter: number };

/** By any mail to the old address that carries the link. */
export function takeBack(world: World, { from, letter }: TakeBack): Command | undefined {
  const kinds = ['change_email_notice', 'email_changed', 'account_deletion_requested'] as const;
  const mail = pick(
    lettersOf(world, from, [...kinds]).filter(({ token }) => token),
    letter,
  );
  if (mail === undefined) return undefined;
  return {
    send: () => ask(world, 'POST', '/change-email/cancel', { token: mail.token }, { from }),
    judge(m) {
      const undo = m.undos.find(({ id, expiresAt }) => id === mail.about && expiresAt > m.now);
      const person = undo && accountById(m, undo.account);
      if (undo && person) {
        undoMove(m, person, undo.email);
        return { status: 200, outcome: 'undone' };
      }
      const waiting = m.changes.find(({ id, isUsed }) => id === mail.about && !isUsed);
      m.changes = m.changes.filter((change) => change !== waiting);
      return { status: 200, outcome: waiting ? 'cancelled' : 'none' };
    },
    outcome: ({ body }) => body.data?.outcome,
  };
}

/** The old address, no password, nobody logged in, no device known, no deletion, no factor that came after the change. */
function undoMove(m: Model, person: Account, email: string): void {
  const replaced = person.email;
  const changedAt = Math.min(...m.undos.filter(({ account }) => account === person.id).map(({ at }) => at));
  if (person.app && person.app.addedAt >= changedAt) person.app = null;
  if (person.recovery && person.recovery.madeAt >= changedAt) person.recovery = null;
  person.epoch += 1;
  Object.assign(person, { email, password: null, version: newVersion(m, person), erasedAt: null });
  m.undos = m.undos.filter(({ account }) => account !== person.id);
  m.usedProofs = m.usedProofs.filter(({ id }) => id !== person.id);
  voidMailed(m, person.id);
  endSessions(m, person.id);
  owe(m, 'email_change_undone', email);
  owe(m, 'email_change_undone', replaced);
}
