/** A try is counted before the password is judged; one that was not judged, or was right, is taken back. */
import type { Deps } from '../deps.ts';
import { type CountedTry, forgetTry } from '../store/logins.ts';

/** When `work` fails, and it was not the password that failed, the try is held against nobody. */
export async function takingBack<T>(deps: Deps, tried: CountedTry, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    deps.after(forgetTry(deps.dbAfter, tried));
    throw error;
  }
}
