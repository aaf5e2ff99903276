/** `npm run openapi`: writes docs/openapi.json. A test compares it with what the declarations say. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../tooling/paths.ts';
import { buildDocument } from './document.ts';

writeFileSync(join(root, 'docs/openapi.json'), `${JSON.stringify(buildDocument(), null, 2)}\n`);
