/** One JSON object a line on standard output, with the time and the process it comes from. */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export type Log = (level: 'info' | 'warn' | 'error', fields: Record<string, unknown>) => void;

export const logOf =
  (name: string): Log =>
  (level, fields) =>
    write(name, { level, ...fields });

/** Lines of the Workers are JSON already; anything else, such as a complaint of workerd, is put into one. */
export function passOutput(name: string, { stdout, stderr }: ChildProcess): void {
  for (const stream of [stdout, stderr])
    if (stream) createInterface({ input: stream }).on('line', (line) => write(name, parsed(line)));
}

function parsed(line: string): object {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // It is text.
  }
  return { level: 'warn', event: 'output', text: line };
}

function write(name: string, fields: object): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), process: name, ...fields })}\n`);
}
