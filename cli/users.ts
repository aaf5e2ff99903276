/**
 * `users`: what support does to people. For the running local stack, or for the database of DATABASE_URL, with the
 * connection string of the role `gatehouse_admin` (`npm run roles`). It needs no other secret. docs/people.md explains
 * each act.
 */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { AdminDeps } from '../src/admin/acting.ts';
import { type ActName, act, exportFor, find, show, suppress } from '../src/admin/acts.ts';
import type { FoundPerson } from '../src/store/people.ts';
import { UserError } from '../tooling/user-error.ts';
import { answer } from './command.ts';
import { type ActOptions, actingAs, byOperator, confirmed, withPeople, withReason } from './operator.ts';
import { tellPage, tellPeople } from './person-lines.ts';
import { addLogoutAll } from './users-logout-all.ts';

/** What each act says when it is done, and when there was nothing to do. */
const ACTS: Record<ActName, { what: string; done: string; unchanged: string; asks?: true }> = {
  disable: {
    what: 'refuse the person everywhere and end the sessions',
    done: 'Disabled.',
    unchanged: 'An operator has disabled them already.',
    asks: true,
  },
  enable: {
    what: 'let the person in again',
    done: 'Enabled.',
    unchanged: 'They are not disabled, or have closed the account themselves.',
  },
  unlock: {
    what: 'forget the wrong passwords that were counted',
    done: 'Unlocked.',
    unchanged: 'Nothing was counted.',
  },
  logout: {
    what: 'end all sessions',
    done: 'All sessions have ended.',
    unchanged: 'There was no live session.',
  },
  reset: {
    what: 'mail the person a link that sets a new password',
    done: 'The link will be mailed within a minute.',
    unchanged: 'They are disabled, or the address is not proven: nothing is mailed.',
  },
  resend: {
    what: 'mail a sign-up its link again',
    done: 'The link will be mailed within a minute. Codes that were mailed before are void.',
    unchanged: 'No sign-up waits for proof.',
  },
  'remove-factor': {
    what: 'remove all second factors of somebody who has lost them, 72 hours from now',
    done: 'The person is told by mail. In 72 hours their factors are removed, unless one of them is used before.',
    unchanged: 'They have no second factor, are disabled, or it waits already.',
    asks: true,
  },
  'keep-factor': {
    what: 'call the removal of the second factors off',
    done: 'Called off.',
    unchanged: 'No removal waits.',
  },
  delete: {
    what: 'delete the person and everything they own',
    done: 'Deleted.',
    unchanged:
      'Their address was changed a short time ago. Until the old mailbox can no longer undo that, nobody deletes the account.',
    asks: true,
  },
};

export function addUsers(program: Command): void {
  const users = program.command('users').description('find people, and do what support does for them');
  addFind(users);
  addShow(users);
  for (const name of Object.keys(ACTS) as ActName[]) addAct(users, name);
  addExport(users);
  addSuppress(users, 'suppress');
  addSuppress(users, 'unsuppress');
  addLogoutAll(users);
}

function addFind(users: Command): void {
  const command = users
    .command('find')
    .description('find people by id, by the beginning of the address, or by the id in another system')
    .argument('<text>');
  answer<object, [string]>(command, async (output, _, term) => {
    const people = await withPeople((deps) => find(deps, term));
    tellPeople(output, people);
    return people;
  });
}

function addShow(users: Command): void {
  const command = byOperator(users.command('show').argument('<person>', 'id or address')).description(
    'show one person: state, factors, sessions, history, mail and counters',
  );
  answer<ActOptions, [string]>(command, async (output, options, who) =>
    withPeople(async (deps) => {
      const { id } = await personNamed(deps, who);
      const page = await show(deps, id, actingAs(options));
      if (page === undefined) throw new UserError('The person has gone meanwhile.');
      tellPage(output, page);
      return page;
    }),
  );
}

function addAct(users: Command, name: ActName): void {
  const { what, done, unchanged, asks } = ACTS[name];
  const command = withReason(users.command(name).argument('<person>', 'id or address')).description(what);
  if (asks) command.option('--yes', 'do not ask');
  answer<ActOptions, [string]>(command, async (output, options, who) =>
    withPeople(async (deps) => {
      const found = await personNamed(deps, who);
      if (asks)
        await confirmed(output, options, `${name} ${found.email} (${found.state}, ${found.id})`, found.email);
      const outcome = await act(deps, name, found.id, actingAs(options));
      if (outcome !== 'done') process.exitCode = 1;
      output.line({ done, unchanged, unknown: 'The person has gone meanwhile.' }[outcome]);
      return { id: found.id, outcome };
    }),
  );
}

function addExport(users: Command): void {
  const command = withReason(users.command('export').argument('<person>', 'id or address'))
    .description('write everything that is held about the person, as GET /me/export gives it')
    .option('--to <file>', 'a file that nobody else can read; without it, standard output');
  answer<ActOptions & { to?: string }, [string]>(command, async (output, { to, ...options }, who) =>
    withPeople(async (deps) => {
      const { id } = await personNamed(deps, who);
      const held = await exportFor(deps, id, actingAs(options));
      if (held === undefined) throw new UserError('The person has gone meanwhile.');
      if (to === undefined) output.line(JSON.stringify(held, null, 2));
      else writeFileSync(to, `${JSON.stringify(held, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
      return to === undefined ? held : { id, file: to };
    }),
  );
}

function addSuppress(users: Command, name: 'suppress' | 'unsuppress'): void {
  const isSuppressed = name === 'suppress';
  const command = withReason(users.command(name).argument('<address>')).description(
    isSuppressed ? 'send no mail at all to an address' : 'allow mail to an address again',
  );
  answer<ActOptions, [string]>(command, async (output, options, address) => {
    const isDone = await withPeople((deps) => suppress(deps, address, isSuppressed, actingAs(options)));
    output.line(isDone ? 'Done.' : 'It was so already.');
    if (!isDone) process.exitCode = 1;
    return { isDone };
  });
}

/** By id or whole address. Of an account and sign-ups with one address it is the account. */
async function personNamed(deps: AdminDeps, who: string): Promise<FoundPerson> {
  const found = await find(deps, who);
  const exact = found.filter(
    ({ id, email }) => id === who.toLowerCase() || email === who.trim().toLowerCase(),
  );
  const [one, ...others] = exact.filter(({ state }) => state !== 'waiting');
  const [only, ...more] = one ? [one, ...others] : exact;
  if (only === undefined)
    throw new UserError(`There is nobody with the id or the address ${who}: see users find.`);
  if (more.length > 0)
    throw new UserError(`${who} is the address of several sign-ups: name one by its id (users find).`);
  return only;
}
