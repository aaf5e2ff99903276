/**
 * The common form of all operator commands. Arguments are declared: `--help` only shows help, and an unknown argument
 * is refused with exit code 2 before anything is done. Exit code 1: it was not done, or not all of it. With --json,
 * stdout is one JSON value; without, it is lines for people. Everything else goes to stderr, so stdout can be piped.
 */
import type { Command } from 'commander';

export type Output = {
  /** Prints a line of the result. Prints nothing with --json, since the result is then printed as a whole. */
  line(text: string): void;
  note(text: string): void;
  /** Ends the command with exit code 2: its arguments do not fit together. */
  refuse(message: string): never;
};

/** Runs `work` as the command. Its return value is the JSON. It throws UserError, or sets `process.exitCode` to 1. */
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
