/**
 * The API Worker. It reads its configuration while the module loads. With a missing or weak secret it does not start,
 * and a deployment with such a secret is refused.
 */
import { env } from 'cloudflare:workers';
import { createApp } from './app.ts';
import type { ApiBindings } from './config/bindings.ts';
import { readApiConfig } from './config/read.ts';
import { wire } from './wiring.ts';

const bindings = env as unknown as ApiBindings & Record<string, unknown>;
const app = createApp(wire(readApiConfig(bindings), bindings));

export default { fetch: app.fetch } satisfies ExportedHandler<ApiBindings>;
