/**
 * `npm run dev:reset`: forgets the local database, mail and queues. The secrets in `.dev.vars` stay, and
 * nothing is removed under a running stack.
 */
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const running = await new Promise((answer) => {
  const visitor = connect('.data/stack.sock', () => answer(true));
  visitor.once('error', () => answer(false));
});

if (running) {
  console.error('The local stack is running: stop it first (Ctrl-C), then run `npm run dev:reset` again.');
  process.exit(1);
}

rmSync('.data', { recursive: true, force: true });
console.log('Removed .data: the local database, mail and queues. The secrets in .dev.vars are kept.');
