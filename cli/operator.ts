/** Who acts on people from the command line, why, and whether they are sure. */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { v7 as uuidv7 } from 'uuid';
import type { AdminDeps } from '../src/admin/acting.ts';
import { Refusal } from '../src/refusal.ts';
import type { Acting } from '../src/store/admin-act.ts';
import { UserError } from '../tooling/user-error.ts';
import type { Output } from './command.ts';
import { ask } from './confirm.ts';
import { withDatabase } from './database.ts';

export type ActOptions = { operator?: string; reason?: string; yes?: true };

export const byOperator = (command: Command): Command =>
  command.option('--operator <name>', 'who you are; else GATEHOUSE_OPERATOR, else the user of this machine');

export const withReason = (command: Command): Command =>
  byOperator(command).requiredOption('--reason <text>', 'why, for colleagues: a ticket, and no secret');

export const actingAs = ({ operator, reason }: ActOptions): Acting => ({
  operator: operator ?? (process.env.GATEHOUSE_OPERATOR || userInfo().username),
  door: 'cli',
  reason: reason ?? null,
  requestId: uuidv7(),
});

/** @throws UserError for what an act refuses */
export async function withPeople<T>(work: (deps: AdminDeps) => Promise<T>): Promise<T> {
  try {
    return await withDatabase((db) => work({ db, now: () => new Date() }));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const faults = error.members.errors ?? [{ path: '', message: error.detail }];
    throw new UserError(faults.map(({ path, message }) => `${path} ${message}`.trim()).join('; '));
  }
}

/** Shows what is going to happen. On a terminal `word` must be typed. */
export async function confirmed(
  output: Output,
  { yes }: ActOptions,
  what: string,
  word: string,
): Promise<void> {
  output.note(what);
  if (yes) return;
  if (!process.stdin.isTTY) output.refuse('add --yes where nobody can type');
  if ((await ask(`Type ${word} to go on: `)) !== word)
    throw new UserError('That is not it: nothing was done.');
}
