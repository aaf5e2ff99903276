/** Replaces tooling/loopback.ts: `fetch` calls the handlers directly, without a socket. */
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

/** The error that undici throws when nobody answers. */
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const handler = handlers.get(new URL(request.url).origin);
  if (handler === undefined) throw new TypeError(`fetch failed: nobody serves ${request.url}`);
  return handler(request);
};
