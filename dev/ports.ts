/**
 * Loopback ports, taken before anything else starts. A stack that cannot listen must not touch the database or leave
 * half of itself running.
 */
import { createServer } from 'node:net';
import { UserError } from '../tooling/user-error.ts';

export type Reservation = { close(): Promise<void> };

/**
 * Holds the port of a setting until just before its real owner listens. Clients that connect in between, such as an
 * open tab, are turned away, because a server does not close while it has connections.
 */
export async function reservePort(variable: string, port: number): Promise<Reservation> {
  const server = createServer((visitor) => visitor.destroy());
  await new Promise<void>((listening, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) => failed(explainListen(error, variable, port)));
    server.listen(port, '127.0.0.1', listening);
  });
  return { close: () => new Promise((closed) => server.close(() => closed())) };
}

export function parsePort(variable: string, value: string): number {
  const port = Number(value);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new UserError(`${variable} is not a port number from 1 to 65535: ${value}.`);
}

function explainListen(error: NodeJS.ErrnoException, variable: string, port: number): Error {
  const fault = error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${error.code})`;
  return new UserError(
    `Port ${port} ${fault}: free it, or choose another with ${variable}=<port> npm run dev.`,
  );
}
