import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { reservePort } from '../../dev/ports.ts';
import { freePort } from '../../tooling/free-port.ts';

it('a port that is held is taken, and is given up at once although somebody waits at it', async () => {
  const port = await freePort();
  const held = await reservePort('PORT', port);
  await expect(reservePort('PORT', port)).rejects.toThrow(`Port ${port} is taken`);
  const visitor = connect(port, '127.0.0.1').on('error', () => {});
  await once(visitor, 'connect');
  await held.close();
  await (await reservePort('PORT', port)).close();
});
