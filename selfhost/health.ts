/** The health check of the image: ends with 0 when every process of the service is there and answers. */
import { join } from 'node:path';
import { runFolderOf } from './run-folder.ts';
import { getOver } from './supervisor/http.ts';

const { status, body } = await getOver(join(runFolderOf(process.env), 'control.sock'), '/', 3_000).catch(
  (error: Error) => ({ status: 0, body: error.message }),
);
console.log(body);
process.exitCode = status === 200 ? 0 : 1;
