/** Between a page and the service: what it is told to lose gets lost after the service has done its work. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** `lost`: the connection breaks instead of an answer. `late`: the answer never comes. A status: that one, unasked. */
type Fate = 'lost' | 'late' | 429 | 503;

export type LossyProxy = {
  url: string;
  /** What becomes of the next calls of a path, one after the other. */
  next(path: string, ...fates: Fate[]): void;
  /** How many calls of a path the service has answered. */
  done(path: string): number;
  close(): void;
};

export async function lossyProxy(service: string): Promise<LossyProxy> {
  const fates = new Map<string, Fate[]>();
  const answered: string[] = [];
  const server = createServer(async (request, response) => {
    // A browser asks again by itself when a connection breaks that it has used before.
    response.setHeader('Connection', 'close');
    const path = (request.url ?? '').replace('/api/v1/auth', '');
    const fate = request.method === 'OPTIONS' ? undefined : fates.get(path)?.shift();
    if (typeof fate === 'number') return refuse(fate, request, response);
    const answer = await fetch(service + request.url, {
      method: request.method ?? 'GET',
      headers: headersOf(request),
      ...(request.method !== 'GET' && { body: await buffer(request) }),
    });
    const isDone = () => request.method !== 'OPTIONS' && answered.push(path);
    if (fate !== undefined) isDone();
    if (fate === 'lost') return request.socket.destroy();
    if (fate === 'late') return;
    // Not earlier: a test that ends when the call is done would cut off the answer.
    response.on('finish', isDone);
    response.writeHead(
      answer.status,
      [...answer.headers]
        .filter(([name]) => !/^(connection|keep-alive|content-encoding|transfer-encoding)$/.test(name))
        .flat(),
    );
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    next: (path, ...then) => fates.set(path, then),
    done: (path) => answered.filter((one) => one === path).length,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const headersOf = ({ headers }: IncomingMessage) =>
  Object.entries(headers).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && !/^(host|connection|content-length)$/.test(entry[0]),
  );

function refuse(status: 429 | 503, { headers }: IncomingMessage, response: ServerResponse): void {
  const code = status === 429 ? 'rate_limited' : 'service_unavailable';
  response.writeHead(status, {
    'Content-Type': 'application/problem+json',
    'Retry-After': '1',
    'Access-Control-Allow-Origin': headers.origin ?? '',
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': 'Retry-After',
  });
  response.end(JSON.stringify({ code, status }));
}
