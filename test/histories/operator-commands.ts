/** What an operator does to a person (src/admin/acts.ts), whatever the person does at the same time. */
import { act } from '../../src/admin/acts.ts';
import { acting, adminDeps } from '../support/admin.ts';
import { accountById, endSessions, isLive, type Model, voidMailed } from './model.ts';
import { newestFirst } from './session-commands.ts';
import { type Command, pick, type World } from './world.ts';

type Act = 'disable' | 'enable' | 'logout';

/** To the person of the session. */
export type Operate = { do: 'operate'; act: Act; session: number };

export function operate(world: World, step: Operate): Command | undefined {
  const held = pick(newestFirst(world), step.session);
  const id = held && world.ids.get(held.account);
  if (held === undefined || id === undefined) return undefined;
  return {
    async send() {
      const outcome = await act(adminDeps(world.gatehouse), step.act, id, acting());
      return {
        status: 200,
        headers: new Headers(),
        body: { data: { outcome } },
        bytes: 0,
        waitedMs: 0,
        ms: 0,
      };
    },
    judge: (m) => ({ status: 200, outcome: outcomeOf(m, held.account, step.act) }),
    outcome: ({ body }) => body.data.outcome,
  };
}

function outcomeOf(m: Model, account: string, act: Act): 'done' | 'unchanged' | 'unknown' {
  const person = accountById(m, account);
  if (person === undefined) return 'unknown';
  const isDue = {
    disable: !person.isDisabled,
    enable: person.isDisabled,
    logout: m.sessions.some((session) => session.account === account && isLive(m, session)),
  };
  if (!isDue[act]) return 'unchanged';
  // Somebody whom an operator has disabled has nothing that was mailed, and no session, and gets none.
  if (act !== 'enable') endSessions(m, account);
  if (act === 'disable') voidMailed(m, account);
  if (act !== 'logout') person.isDisabled = act === 'disable';
  return 'done';
}
