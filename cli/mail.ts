/**
 * `npm run mail`: what is owed, sent, skipped and failed, and a new life for what failed. Against the running local
 * stack, or against the database that DATABASE_URL names in the environment.
 */
import { parseArgs } from 'node:util';
import { canonicalEmail } from '../src/lib/email-address.ts';
import type { Db } from '../src/store/db.ts';
import {
  liftSuppression,
  listMails,
  type MailFilter,
  type MailRecord,
  replayMails,
} from '../src/store/outbox-desk.ts';
import { explain, UserError } from '../tooling/user-error.ts';
import { openMailDatabase } from './mail-database.ts';

const USAGE = `npm run mail -- list [--status pending|sending|sent|skipped|failed] [--kind KIND] [--day YYYY-MM-DD] [--limit N]
npm run mail -- show ID
npm run mail -- replay ID
npm run mail -- replay --failed [--kind KIND] [--day YYYY-MM-DD]
npm run mail -- unsuppress ADDRESS

Talks to the running local stack; with DATABASE_URL in the environment, to that database. --json prints JSON.`;

const options = {
  status: { type: 'string' },
  kind: { type: 'string' },
  day: { type: 'string' },
  limit: { type: 'string', default: '50' },
  failed: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

type Options = ReturnType<typeof read>['values'];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function read(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

export async function runMail(
  args: string[],
  environment: NodeJS.ProcessEnv = process.env,
  print: (line: string) => void = console.log,
): Promise<void> {
  const { values, positionals } = read(args);
  const [command, subject, ...rest] = positionals;
  if (values.day !== undefined && !isDay(values.day))
    throw new UserError('--day is a day such as 2026-11-22.');
  const work = rest.length === 0 ? workOf(command, subject, values) : undefined;
  if (work === undefined) throw new UserError(USAGE);
  const database = await openMailDatabase(environment);
  try {
    for (const line of await work(database.db)) print(line);
  } finally {
    await database.close();
  }
}

const isDay = (text: string) =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));

type Work = (db: Db) => Promise<string[]>;

function workOf(command: string | undefined, subject: string | undefined, values: Options): Work | undefined {
  const { status, kind, day, failed, json } = values;
  const filter: MailFilter = { status, kind, day };
  const limit = Math.min(Math.max(Number(values.limit) || 50, 1), 10_000);
  if (command === 'list' && subject === undefined) {
    return async (db) => linesOf(await listMails(db, filter, limit), json);
  }
  if (command === 'show' && subject !== undefined) {
    return async (db) => {
      const [mail] = await listMails(db, { id: idOf(subject) }, 1);
      if (!mail) throw new UserError(`There is no mail ${subject}.`);
      return json
        ? [JSON.stringify(mail)]
        : Object.entries(mail).map(([name, value]) => `${name.padEnd(14)}${value ?? ''}`);
    };
  }
  if (command === 'replay' && (subject !== undefined) !== failed) {
    return async (db) => {
      const which = subject === undefined ? { kind, day } : { id: idOf(subject) };
      const ids = await replayMails(db, which);
      return [...ids, `${ids.length} to be sent again; the sweep rings for them within a minute.`];
    };
  }
  if (command === 'unsuppress' && subject !== undefined) {
    return async (db) => [
      (await liftSuppression(db, canonicalEmail(subject) ?? subject)) ? 'Lifted.' : 'It was not suppressed.',
    ];
  }
  return undefined;
}

function idOf(text: string): string {
  if (UUID.test(text)) return text;
  throw new UserError(`${text} is not the id of a mail.`);
}

function linesOf(mails: MailRecord[], json: boolean): string[] {
  if (json) return mails.map((mail) => JSON.stringify(mail));
  const rows = mails.map(({ id, createdAt, kind, status, attempts, to, failure, report, isSuppressed }) =>
    [
      id,
      createdAt,
      status.padEnd(8),
      `${attempts}x`,
      kind.padEnd(22),
      to,
      failure ?? report ?? '',
      isSuppressed ? '(suppressed)' : '',
    ]
      .join('  ')
      .trimEnd(),
  );
  return [...rows, `${mails.length} mails`];
}

if (import.meta.main) {
  await runMail(process.argv.slice(2)).catch((error: unknown) => {
    console.error(explain(error));
    process.exitCode = 1;
  });
}
