/** `npm run cli -- COMMAND`, and shorter scripts for single commands, such as `npm run migrate:up`. */
import { CommanderError } from 'commander';
import { explain } from '../tooling/user-error.ts';
import { createProgram } from './program.ts';

try {
  await (await createProgram(process.argv[2])).parseAsync();
} catch (error) {
  // Commander has already printed what is wrong, or the help.
  const isSaid = error instanceof CommanderError;
  if (!isSaid) console.error(explain(error));
  process.exitCode = isSaid ? (error.exitCode === 0 ? 0 : 2) : 1;
}
