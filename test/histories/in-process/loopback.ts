/** In the place of tooling/loopback.ts: the handlers are called by `fetch` itself, without a socket in between. */
import type { Handler, Served } from '../../../tooling/loopback.ts';

export class Hangup extends Error {
  override readonly name = 'Hangup';
}

const handlers = new Map<string, Handler>();

export async function serveLoopback(handler: Handler): Promise<Served> {
  const url = `http://in-process-${handlers.size}.test`;
  handlers.set(url, handler);
  return { url, close: async () => {} };
}

/** As undici says it when nobody answers. */
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const handler = handlers.get(new URL(request.url).origin);
  if (handler === undefined) throw new TypeError(`fetch failed: nobody serves ${request.url}`);
  return handler(request);
};
