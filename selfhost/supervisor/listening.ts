/**
 * A listening socket that the supervisor holds without ever accepting from it, for a workerd and its successor: between
 * them, no connection that waits to be accepted is lost. A Node process accepts from each socket on which it listens
 * itself. So another one opens it, hands it over, and ends.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

type Address = { host: string; port: number };
/** The handle of a socket, as Node hands it to another process. It has no public type. */
type Handle = { fd: number; close(): void };

/** @param file the entry that calls `openAndHandOver` */
export async function openListening(file: string, address: Address): Promise<Handle> {
  const opener = fork(file, [JSON.stringify(address)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const handed = once(opener, 'message').then(([, handle]) => handle as Handle | undefined);
  const ended = once(opener, 'exit').then(() => undefined);
  const handle = await Promise.race([handed, ended]);
  if (handle === undefined) throw new Error(`cannot listen on ${address.host}:${address.port}`);
  return handle;
}

/** The main work of the other process. */
export function openAndHandOver(address: Address): void {
  const server = createServer();
  // Each workerd has a socket of its own, and the kernel shares the connections among them.
  server.listen({ ...address, reusePort: true }, () => {
    const { _handle: handle } = server as Server & { _handle?: unknown };
    process.send?.('listening', handle as Server, {}, () => process.exit(0));
  });
}
