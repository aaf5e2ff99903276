/** The process that opens one listening socket and hands it to the supervisor. */
import { openAndHandOver } from './supervisor/listening.ts';

openAndHandOver(JSON.parse(process.argv[2] ?? ''));
