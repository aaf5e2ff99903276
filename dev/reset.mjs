/**
 * `npm run dev:reset`: forgets the local database, mail and queues. The secrets in `.dev.vars` stay, and
 * nothing is removed under a running stack, nor when there is a word behind the command.
 */
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

const [word] = process.argv.slice(2);
if (word !== undefined) {
  const isAsked = word === '--help' || word === '-h';
  const usage = 'Usage: npm run dev:reset  (removes .data: the local database, mail and queues)';
  console[isAsked ? 'log' : 'error'](usage);
  process.exit(isAsked ? 0 : 2);
}

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
