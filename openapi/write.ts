/**
 * `npm run openapi`: writes docs/openapi.json, and from it the types of packages/client. A test compares both with what
 * the declarations say.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BASE_PATH } from '../src/app.ts';
import { root } from '../tooling/paths.ts';
import { clientTypes, type Document } from './client-types.ts';
import { buildDocument } from './document.ts';

const document = buildDocument();
writeFileSync(join(root, 'docs/openapi.json'), `${JSON.stringify(document, null, 2)}\n`);
writeFileSync(join(root, 'packages/client/src/contract.ts'), clientTypes(document as Document, BASE_PATH));
