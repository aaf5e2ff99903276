/**
 * One stack for each checkout: two would use the same database, mailbox and queues in .data. The lock is a socket, so
 * it ends with its owner, however that ends. dev/reset.mjs looks at the same socket.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join, relative } from 'node:path';
import { dataFolder } from './paths.ts';
import { UserError } from './user-error.ts';

export async function lockCheckout(): Promise<{ close(): Promise<void> }> {
  mkdirSync(dataFolder, { recursive: true });
  // Relative: the path of a socket has at most about 100 bytes.
  const socket = relative(process.cwd(), join(dataFolder, 'stack.sock'));
  if (await isAnswering(socket)) {
    throw new UserError('The local stack of this checkout is running already: stop it first.');
  }
  rmSync(socket, { force: true });

  const server = createServer((visitor) => visitor.destroy());
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(socket, listening);
  });
  return { close: () => new Promise((closed) => server.close(() => closed())) };
}

function isAnswering(socket: string): Promise<boolean> {
  return new Promise((answer) => {
    const visitor = connect(socket, () => {
      visitor.destroy();
      answer(true);
    });
    visitor.once('error', () => answer(false));
  });
}
