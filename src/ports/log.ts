/** The console, in the form that Workers Logs indexes: one line is one JSON object, with its level. */

import { logLevels } from '../config/settings/general.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Callers name every field. Nothing is copied as a whole from a request, an answer or an error. */
export function writeLog(
  threshold: (typeof logLevels)[number],
  level: LogLevel,
  fields: Record<string, unknown>,
): void {
  if (logLevels.indexOf(level) < logLevels.indexOf(threshold)) return;
  console[level](JSON.stringify({ level, ...fields }));
}
