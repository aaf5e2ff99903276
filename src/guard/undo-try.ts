/**
 * A try is counted before the password is checked. If the check never happened, or the password was right, the try
 * must not stay counted.
 */
import type { Deps } from '../deps.ts';
import { type CountedTry, undoTry } from '../store/logins.ts';

/** Runs `work`. If it fails, and not because of the password, the try is taken out of its counters. */
export async function undoTryOnError<T>(deps: Deps, tried: CountedTry, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (tried.counters.length > 0) deps.after(undoTry(deps.dbAfter, tried));
    throw error;
  }
}
