/** The owner's connection: what it says of a database that is not this machine's. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../cli/connection.ts';
import { startImpostor } from '../support/impostor.ts';

let impostor: Awaited<ReturnType<typeof startImpostor>>;
beforeAll(async () => {
  impostor = await startImpostor();
});
afterAll(() => impostor.close());

test.each([
  '',
  '?sslmode=require',
  '?sslmode=no-verify',
  '?sslmode=disable',
  '?ssl=0',
  '?uselibpqcompat=true&sslmode=require',
])(
  'who cannot prove to be the database is told nothing, whatever the address asks for: %s',
  async (query) => {
    // Neither name of this machine that is connected to without TLS.
    const url = `postgresql://owner:secret-marker@0.0.0.0:${impostor.port}/gatehouse${query}`;
    await expect(connect(url)).rejects.toThrow(/cannot be reached: self-signed certificate/);
    expect(impostor.told).toEqual([]);
  },
);
