/**
 * A stand-in for Cloudflare Access in front of the admin Worker. It asks nobody who they are: whoever opens it is the
 * operator below, and every page says so. Everything else is as in production: it signs a JWT with a key of its own, publishes that key, and
 * the Worker checks the JWT as it checks those of Access.
 */
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type Served, serveLoopback } from '../tooling/loopback.ts';
import { ADMIN_PATH } from './admin-path.ts';

export const ACCESS_AUDIENCE = 'local';
const OPERATOR = 'operator@localhost';

const NOTE = `This is a stand-in for Cloudflare Access. It lets everybody in, as ${OPERATOR}.`;

/** `apiUrl` is the first Worker of the stack, which passes on to the admin Worker (api-with-cron.ts). */
export async function serveAccess(port: number, apiUrl: string): Promise<Served> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'local', alg: 'RS256', use: 'sig' };
  const issuer = `http://localhost:${port}`;
  const token = () =>
    new SignJWT({ email: OPERATOR, type: 'app' })
      .setProtectedHeader({ alg: 'RS256', kid: 'local' })
      .setIssuer(issuer)
      .setAudience([ACCESS_AUDIENCE])
      .setSubject('local')
      .setIssuedAt()
      .setExpirationTime('5 minutes')
      .sign(privateKey);
  return serveLoopback(async (request) => {
    const { pathname, search } = new URL(request.url);
    if (pathname === '/cdn-cgi/access/certs') return Response.json({ keys: [jwk] });
    if (pathname === '/cdn-cgi/access/logout') return new Response(`${NOTE} So nobody logs out.\n`);
    const headers = new Headers(request.headers);
    // Access replaces what a client has sent under this name.
    headers.set('Cf-Access-Jwt-Assertion', await token());
    const body = request.body === null ? undefined : await request.arrayBuffer();
    const answer = await fetch(`${apiUrl}${ADMIN_PATH}${pathname}${search}`, {
      method: request.method,
      headers,
      ...(body && { body }),
    });
    // `fetch` has decompressed the body.
    const given = new Headers(answer.headers);
    for (const name of ['Content-Encoding', 'Content-Length', 'Transfer-Encoding']) given.delete(name);
    if (answer.status === 304) return new Response(null, { status: 304, headers: given });
    const content = given.get('Content-Type')?.startsWith('text/html')
      ? (await answer.text()).replace('<body>', `$&\n    <aside class="local">${NOTE}</aside>`)
      : await answer.arrayBuffer();
    return new Response(content, { status: answer.status, headers: given });
  }, port);
}
