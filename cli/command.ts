/**
 * The shape that every operator command has. Its arguments are declared, so `--help` does nothing else and what is not
 * declared is refused (exit code 2, nothing done). 1: it could not be done, or not all of it. With --json stdout is one
 * JSON value; without, lines for a person. What is said besides goes to stderr, so that stdout can be piped.
 */
import type { Command } from 'commander';

export type Output = {
  /** A line of the result; with --json nothing is printed, for the result is printed whole. */
  line(text: string): void;
  note(text: string): void;
  /** Ends the command with exit code 2: the words on the command line do not go together. */
  refuse(message: string): never;
};

/** Lets `work` answer the command. What it returns is the JSON; it throws UserError, or sets `process.exitCode` to 1. */
export function answer<Options, Args extends unknown[] = []>(
  command: Command,
  work: (output: Output, options: Options, ...args: Args) => Promise<unknown>,
): void {
  command.option('--json', 'print one JSON value').action(async () => {
    const { json, ...options } = command.opts<{ json?: true }>();
    const output: Output = {
      line: json ? () => {} : (text) => console.log(text),
      note: (text) => console.error(text),
      refuse: (message) => command.error(`error: ${message}`),
    };
    const result = await work(output, options as Options, ...(command.processedArgs as Args));
    if (json) console.log(JSON.stringify(result));
  });
}
