/** Before each file of the workers project: tests look into the database of the workerd that they run in. */
import { env } from 'cloudflare:workers';
import { queryIn } from './control-client.ts';

queryIn((env as unknown as { DATABASE_URL: string }).DATABASE_URL);
