/** `users logout-all`: ends the sessions of many people, after an incident. */
import { type Command, InvalidArgumentError } from 'commander';
import { endSessions, networkOf } from '../src/admin/end-sessions.ts';
import { countSessions, type Which } from '../src/store/session-ends.ts';
import { answer, type Output } from './command.ts';
import { actingAs, confirmed, withPeople, withReason } from './operator.ts';

type Options = {
  everyone?: true;
  since?: Date;
  network?: string;
  dryRun?: true;
  yes?: true;
  operator?: string;
  reason: string;
};

export function addLogoutAll(users: Command): void {
  const command = withReason(users.command('logout-all'))
    .description('end the sessions of many people: of everyone, of those since a time, or of one network')
    .option('--everyone', 'every session')
    .option(
      '--since <time>',
      'the sessions that were opened since then, such as 2026-11-24T14:00:00Z',
      instant,
    )
    .option('--network <address>', 'the sessions that the network of this client address has opened')
    .option('--dry-run', 'only show how many there are')
    .option('--yes', 'do not ask');
  answer<Options>(command, (output, options) =>
    withPeople(async (deps) => {
      const which = chosen(output, options);
      const { sessions, people } = await countSessions(deps.db, which, deps.now());
      const what = `${sessions} live sessions of ${people} people`;
      if (options.dryRun) {
        output.line(what);
        return { sessions, people, isDryRun: true };
      }
      await confirmed(output, options, `This ends ${what}.`, String(sessions));
      const ending = await endSessions(deps, which, actingAs(options), progressOn(output, sessions));
      output.line(`${ending.ended} sessions have ended.`);
      if (ending.left > 0) {
        process.exitCode = 1;
        output.line(`${ending.left} were in use all the time: run it again.`);
      }
      return ending;
    }),
  );
}

function chosen(output: Output, { everyone, since, network }: Options): Which {
  if ([everyone, since, network].filter((one) => one !== undefined).length !== 1)
    output.refuse('say one of --everyone, --since and --network');
  if (since !== undefined) return { opened: { since } };
  return network === undefined ? { everyone: true } : networkOf(network);
}

function progressOn(output: Output, sessions: number): (ended: number) => void {
  let told = 0;
  return (ended) => {
    if (ended - told < 10_000) return;
    told = ended;
    output.note(`  ${ended} of ${sessions}`);
  };
}

function instant(text: string): Date {
  const at = new Date(text);
  const isExact = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  if (isExact && !Number.isNaN(at.getTime())) return at;
  throw new InvalidArgumentError('It is not a time with its zone, such as 2026-11-24T14:00:00Z.');
}
