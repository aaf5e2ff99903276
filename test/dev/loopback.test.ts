/** The servers of the local stack are for this machine, under its own names. */
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { serveLoopback } from '../../tooling/loopback.ts';

const statusFor = (url: string, host: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    const { port } = new URL(url);
    request({ host: '127.0.0.1', port, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });

test('a web page that points its own name at this machine is refused before anything is done', async () => {
  let calls = 0;
  const served = await serveLoopback(() => {
    calls += 1;
    return new Response('secret-marker');
  }, 0);
  const { port } = new URL(served.url);
  try {
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      `localhost.evil.example:${port}`,
      `127.0.0.1.evil.example`,
      `evil.example/localhost:${port}`,
    ])
      expect(await statusFor(served.url, host), host).toBe(421);
    expect(calls).toBe(0);
    for (const host of ['localhost', `localhost:${port}`, `127.0.0.1:${port}`])
      expect(await statusFor(served.url, host), host).toBe(200);
    expect(calls).toBe(3);
  } finally {
    await served.close();
  }
});
