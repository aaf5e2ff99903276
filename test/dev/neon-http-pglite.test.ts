/** Neon's protocol over the embedded Postgres of `npm run dev`. */
import { PGlite } from '@electric-sql/pglite';
import { describe } from 'vitest';
import { createPgliteExecutor } from '../../dev/pglite.ts';
import { describeNeonProtocol } from './neon-protocol.ts';

describe("Neon's protocol over the embedded Postgres", () => {
  describeNeonProtocol('postgresql://gatehouse:gatehouse@localhost/gatehouse', async () =>
    createPgliteExecutor(await PGlite.create()),
  );
});
