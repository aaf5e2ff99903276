/** The second module (second.ts), which is not there until it is needed. */
import { GatehouseError } from '../../packages/client/src/index.ts';

/** @throws GatehouseError as for a call that got no answer */
export async function secondModule() {
  try {
    return (await import('./second.ts')).second;
  } catch (cause) {
    throw new GatehouseError('no_answer', { cause });
  }
}
