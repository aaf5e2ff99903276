/** Collects the assets of the admin Worker: the page for operators. It is the [build] command of src/admin/wrangler.toml. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../tooling/paths.ts';
import { buildAdminPage } from './pages.ts';

const assets = join(root, 'dist/admin-assets');
rmSync(assets, { recursive: true, force: true });
buildAdminPage(assets);
