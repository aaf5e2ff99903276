/** Runs one command, and says by `process.exitCode` how it ended. */
import { CommanderError } from 'commander';
import { explain } from '../tooling/user-error.ts';
import { createProgram } from './program.ts';

export async function runCommand(words: string[]): Promise<void> {
  try {
    await (await createProgram(words[0])).parseAsync(words, { from: 'user' });
  } catch (error) {
    // Commander has already printed what is wrong, or the help.
    const isSaid = error instanceof CommanderError;
    if (!isSaid) console.error(explain(error));
    process.exitCode = isSaid ? (error.exitCode === 0 ? 0 : 2) : 1;
  }
}
