/**
 * Passes on what the Workers log and what goes wrong, in a short form on a terminal, and drops wrangler's own messages.
 * WRANGLER_LOG cannot do that: a level that hides them hides the info lines of the Workers too. A line that is unknown
 * always passes: one line too many is better than a hidden error.
 */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { humanLine } from './human-line.ts';

const wranglerMessages = [
  /^\s*$/,
  /^\[custom build\](\s*| Running: .*)$/,
  /^Using secrets defined in /,
  /has access to the following bindings:$/,
  /^Binding {2,}Resource {2,}Mode/,
  /^env\.\w+ \(/,
  /^Service bindings, Durable Object bindings, and Tail consumers connect to /,
  /Scheduled Workers are not automatically triggered during local development\.$/,
  /^ {2}To manually trigger a scheduled event, run:$/,
  /^ {4}curl "http:\/\/127\.0\.0\.1:\d+\/cdn-cgi\/local\/scheduled"$/,
  /^ {2}For more details, see .*#test-cron-triggers-locally$/,
  /^The file .* changed, restarting build/,
  /^Cloudflare collects anonymous telemetry/,
  /^⎔ /,
  /^\[wrangler:info\] /,
  /^🪵 {2}Logs were written to /u,
];

/** Passes lines on until the returned function is called. Later lines are read and dropped. */
export function passOn(from: Readable | null, to: NodeJS.WriteStream): () => void {
  if (!from) return () => {};
  const reader = createInterface({ input: from });
  reader.on('line', (line) => {
    const plain = stripVTControlCharacters(line);
    if (wranglerMessages.some((pattern) => pattern.test(plain))) return;
    // With two Workers in one process, wrangler does not know the name of the first.
    const named = (to.isTTY ? plain : line).replace(/^\[undefined\] /, '[gatehouse-api] ');
    to.write(`${to.isTTY ? humanLine(named) : named}\n`);
  });
  return () => {
    reader.close();
    from.resume();
  };
}
