/**
 * `mail`: lists mails of the outbox, and sends failed ones again. For the running local stack, or for the database of
 * DATABASE_URL in the environment.
 */
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { validate as isUuid } from 'uuid';
import { canonicalEmail } from '../src/lib/email-address.ts';
import type { Db } from '../src/store/db.ts';
import {
  liftSuppression,
  listMails,
  type MailFilter,
  type MailRecord,
  replayMails,
} from '../src/store/outbox-admin.ts';
import { emailOutbox } from '../src/store/schema.ts';
import { UserError } from '../tooling/user-error.ts';
import { answer, type Output } from './command.ts';
import { withDatabase } from './database.ts';
import { writePreview } from './mail-preview.ts';

const MOST = 10_000;

export function addMail(program: Command): void {
  const mail = program
    .command('mail')
    .description('list and replay the mails of the outbox, and allow mail to an address again');
  addList(mail);
  addShow(mail);
  addReplay(mail);
  addUnsuppress(mail);
  const preview = mail
    .command('preview')
    .description('write every mail with sample data to dist/mail-preview');
  answer(preview, async (output) => writePreview(output));
}

function addList(mail: Command): void {
  const command = narrowed(mail.command('list').description('list mails, newest first'))
    .addOption(new Option('--status <status>').choices(emailOutbox.status.enumValues))
    .option('--to <address>', 'only to this address', address)
    .option('--limit <n>', `how many at most, up to ${MOST}`, count, 50);
  answer<MailFilter & { limit: number }>(command, async (output, { limit, ...filter }) => {
    const mails = await withDatabase((db) => listMails(db, filter, limit));
    for (const one of mails) output.line(row(one));
    output.line(`${mails.length} mails`);
    return mails;
  });
}

function addShow(mail: Command): void {
  const command = mail.command('show').description('show one mail').argument('<id>', '', id);
  answer<object, [string]>(command, async (output, _, which) => {
    const [found] = await withDatabase((db) => listMails(db, { id: which }, 1));
    if (!found) throw new UserError(`There is no mail ${which}.`);
    for (const [name, value] of Object.entries(found)) output.line(`${name.padEnd(14)}${value ?? ''}`);
    return found;
  });
}

function addReplay(mail: Command): void {
  const command = narrowed(mail.command('replay'))
    .description('send failed mails again; with an id, also one that was skipped')
    .addArgument(new Argument('[ids...]').argParser((text, before: string[] = []) => [...before, id(text)]))
    .option('--failed', 'all failed mails');
  type Options = { failed?: true } & Pick<MailFilter, 'kind' | 'day'>;
  answer<Options, [string[]?]>(command, async (output, { failed, ...filter }, ids = []) => {
    if (Boolean(failed) === ids.length > 0) output.refuse('name the mails by id, or say --failed');
    if (ids.length > 0 && Object.keys(filter).length > 0) output.refuse('--kind and --day go with --failed');
    const filters: MailFilter[] = failed
      ? [{ ...filter, status: 'failed' }]
      : ids.map((one) => ({ id: one }));
    return withDatabase((db) => replay(output, db, filters));
  });
}

async function replay(output: Output, db: Db, filters: MailFilter[]): Promise<unknown> {
  const replayed: string[] = [];
  const refused: { id: string; reason: string }[] = [];
  for (const filter of filters) {
    const again = await replayMails(db, filter);
    replayed.push(...again);
    const left = (await listMails(db, filter, MOST)).filter((mail) => !again.includes(mail.id));
    refused.push(...left.map((mail) => ({ id: mail.id, reason: whyNot(mail) })));
    if (filter.id && again.length + left.length === 0) refused.push({ id: filter.id, reason: 'not found' });
  }
  for (const one of replayed) output.line(one);
  for (const { id: one, reason } of refused) output.line(`${one}  not sent again: ${reason}`);
  output.line(`${replayed.length} to be sent again; the sweep queues them within a minute.`);
  if (refused.length > 0) process.exitCode = 1;
  return { replayed, refused };
}

function whyNot({ status, finishedAt, to, isSuppressed }: MailRecord): string {
  if (status === 'sent') return `it was sent at ${finishedAt}`;
  if (status === 'sending') return 'it is being sent';
  if (status === 'pending') return 'it is owed already';
  if (to === null) return 'nobody knows any more to whom it went';
  return isSuppressed ? `${to} is not mailed: see mail unsuppress` : 'it has changed meanwhile, try again';
}

function addUnsuppress(mail: Command): void {
  const command = mail
    .command('unsuppress')
    .description('allow mail to an address again, after a bounce or a complaint')
    .argument('<address>', '', address);
  answer<object, [string]>(command, async (output, _, to) => {
    const lifted = await withDatabase((db) => liftSuppression(db, to));
    output.line(lifted ? 'Lifted.' : 'It was not suppressed.');
    return { lifted };
  });
}

/** The options that select mails, for `list` and `replay`. */
function narrowed(command: Command): Command {
  return command
    .addOption(new Option('--kind <kind>').choices(emailOutbox.kind.enumValues))
    .option('--day <day>', 'only of this day in UTC, such as 2026-11-22', day);
}

function row(mail: MailRecord): string {
  const { id: one, createdAt, kind, status, attempts, to, failure, report, isSuppressed } = mail;
  return [
    ...[one, createdAt, status.padEnd(8), `${attempts}x`, kind.padEnd(22), to ?? '(address gone)'],
    ...[failure ?? report ?? '', isSuppressed ? '(suppressed)' : ''],
  ]
    .join('  ')
    .trimEnd();
}

function id(text: string): string {
  if (isUuid(text)) return text;
  throw new InvalidArgumentError('It is not the id of a mail.');
}

function address(text: string): string {
  const canonical = canonicalEmail(text);
  if (canonical !== undefined) return canonical;
  throw new InvalidArgumentError('It is not an email address.');
}

function day(text: string): string {
  const start = Date.parse(`${text}T00:00:00Z`);
  if (!Number.isNaN(start) && new Date(start).toISOString().startsWith(text)) return text;
  throw new InvalidArgumentError('It is not a day such as 2026-11-22.');
}

function count(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST) return Number(text);
  throw new InvalidArgumentError(`It is not a number from 1 to ${MOST}.`);
}
