/** A GET over a socket in a folder, for probes. */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

export async function getOver(
  socketPath: string,
  path: string,
  timeoutMs: number,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request(
      { socketPath, path, headers: { Host: 'localhost' }, signal: AbortSignal.timeout(timeoutMs) },
      (response) => {
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      },
    )
      .once('error', reject)
      .end();
  });
}
