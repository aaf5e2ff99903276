/** The console, as Workers Logs indexes it: one line, one JSON object, a level that matches its own. */

import { logLevels } from '../config/settings/general.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Callers name every field they write; nothing is spread in from a request, an answer or an error. */
export function writeLog(
  threshold: (typeof logLevels)[number],
  level: LogLevel,
  fields: Record<string, unknown>,
): void {
  if (logLevels.indexOf(level) < logLevels.indexOf(threshold)) return;
  console[level](JSON.stringify({ level, ...fields }));
}
