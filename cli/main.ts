/** `npm run cli -- COMMAND`, and shorter scripts for single commands, such as `npm run migrate:up`. */
import { runCommand } from './run.ts';

await runCommand(process.argv.slice(2));
