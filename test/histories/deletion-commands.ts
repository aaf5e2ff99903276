/** The end of an account. */
import { undosOf } from './address-commands.ts';
import { ask } from './client.ts';
import type { How } from './held-factors.ts';
import { clearCountersOf } from './lockout-rules.ts';
import { endSessions, forgetAccount, owe, refused, voidMailed } from './model.ts';
import { judgeBoth, secondFactor, stillProven, useUpProof, WRONG_FACTOR } from './proof.ts';
import { bearer, expiryOf, newestFirst } from './session-commands.ts';
import { type Command, pick, type World } from './world.ts';

const CHANGED_MEANWHILE = refused(403, 'wrong_password');

/** `how`: the second factor that is sent beside the password. */
export type DeleteMe = { do: 'deleteMe'; session: number; password: string; how?: How | undefined };

/** At once; or, while a change of address can be undone, closed at once and erased after that. */
export function deleteMe(world: World, { session, password, how }: DeleteMe): Command | undefined {
  const held = pick(newestFirst(world), session);
  if (held === undefined) return undefined;
  const factor = secondFactor(world, held, how);
  const body = { password, secondFactor: factor.body };
  return {
    send: () => ask(world, 'DELETE', '/me', body, bearer(held)),
    offline: expiryOf(held),
    *judge(m) {
      const proven = yield* judgeBoth(world, m, held, password, factor);
      if ('refusal' in proven) return proven.refusal;
      const person = stillProven(m, proven);
      if (person === undefined) return proven.spend ? WRONG_FACTOR : CHANGED_MEANWHILE;
      clearCountersOf(m, person.email, person.id, `codes of ${person.id}`);
      const open = undosOf(m, person.id);
      const erasedAt = open.length === 0 ? m.now : Math.max(...open.map(({ expiresAt }) => expiresAt));
      const [oldest] = open;
      if (oldest === undefined) {
        forgetAccount(m, person.id);
        owe(m, 'account_deleted', person.email);
      } else {
        useUpProof(m, person, proven);
        person.erasedAt = erasedAt;
        m.usedProofs = m.usedProofs.filter(({ id }) => id !== person.id);
        voidMailed(m, person.id);
        endSessions(m, person.id);
        owe(m, 'account_deletion_requested', person.email);
        owe(m, 'account_deletion_requested', oldest.email, oldest.id);
      }
      return { status: 200, outcome: new Date(erasedAt).toISOString() };
    },
    outcome: ({ body }) => body.data?.erasedAt,
  };
}
