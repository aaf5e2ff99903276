/** Calls of somebody who is logged in: with a valid token, and once more with the next one if it was refused. */
import { GatehouseError } from './problem.ts';
import type { Session } from './session.ts';
import type { Data, Input, Name, Send } from './wire.ts';

export type Authorized = {
  withToken<T>(work: (token: string) => Promise<T>): Promise<T>;
  call<N extends Name>(name: N, input?: Input<N>): Promise<Data<N>>;
};

export function authorized(send: Send, session: Session): Authorized {
  async function withToken<T>(work: (token: string) => Promise<T>): Promise<T> {
    const token = await session.token();
    if (token === undefined) throw new GatehouseError('signed_out');
    try {
      return await work(token);
    } catch (error) {
      if (!(error instanceof GatehouseError) || error.code !== 'invalid_token') throw error;
      const next = await session.tokenAfter(token);
      if (next === undefined) throw new GatehouseError('signed_out', { cause: error });
      return work(next);
    }
  }
  return { withToken, call: (name, input) => withToken((token) => send(name, input, token)) };
}
