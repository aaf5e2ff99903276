/**
 * Serves a fetch handler on 127.0.0.1 only. Requests with another host name are refused, so no web page can reach it
 * by a DNS name of its own.
 */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

export type Handler = (request: Request) => Response | Promise<Response>;
export type Served = { url: string; close(): Promise<void> };

/** Thrown by a handler, or by the body of its answer, to close the connection. */
export class Hangup extends Error {
  override readonly name = 'Hangup';
}

const ownHost = /^(localhost|127\.0\.0\.1)(:\d+)?$/;

export async function serveLoopback(handler: Handler, port: number): Promise<Served> {
  const server = createHttpServer(handler);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://localhost:${taken}`, close: async () => hangUp(server) };
}

/** On a socket in a folder. `close` lets the requests that have begun end. */
export async function serveSocket(handler: Handler, path: string): Promise<{ close(): Promise<void> }> {
  rmSync(path, { force: true });
  const server = createHttpServer(handler);
  server.listen(path);
  await once(server, 'listening');
  return {
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      await closed;
    },
  };
}

function hangUp(server: Server): void {
  server.close();
  server.closeAllConnections();
}

function createHttpServer(handler: Handler): Server {
  const server = createServer((message, response) => {
    answer(handler, message, response).catch((error: unknown) => {
      // A client that has gone needs no answer.
      if (!(error instanceof Hangup) && !response.destroyed) console.error(error);
      response.destroy();
    });
  });
  // workerd keeps connections open and uses them again. If one is closed here, a request would be lost.
  server.keepAliveTimeout = 0;
  return server;
}

async function answer(handler: Handler, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const { host = '', ...headers } = message.headers;
  if (!ownHost.test(host)) {
    response.writeHead(421).end();
    return;
  }
  const body = await buffer(message);
  const request = new Request(`http://${host}${message.url ?? '/'}`, {
    method: message.method ?? 'GET',
    headers: Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]),
    body: body.length > 0 ? body : null,
  });
  const answered = await handler(request);
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  if (answered.body === null) response.end();
  else await pipeline(answered.body, response);
}
