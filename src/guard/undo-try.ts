/** A try is counted before the password is judged. One that was never judged, or was right, must not stay counted. */
import type { Deps } from '../deps.ts';
import { type CountedTry, undoTry } from '../store/logins.ts';

/** When `work` fails, and it was not the password that failed, the try is held against nobody. */
export async function undoTryOnError<T>(deps: Deps, tried: CountedTry, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    deps.after(undoTry(deps.dbAfter, tried));
    throw error;
  }
}
