/**
 * The access token of a request (RFC 6750 section 2.1). It is only taken from the header, never from the query or the
 * body.
 */
import type { Bearer } from '../caller.ts';
import { Refusal } from '../refusal.ts';
import { verifyAccessToken } from '../token/access.ts';
import type { AppContext } from './context.ts';

/**
 * @throws Refusal `invalid_token`. Whether the session is still live is checked by the statement that does the work.
 */
export async function bearerOf(c: AppContext): Promise<Bearer> {
  const [, token] = /^Bearer +([\w.~+/-]+=*)$/i.exec(c.req.header('Authorization') ?? '') ?? [];
  const { config, now } = c.get('deps');
  const bearer = token && (await verifyAccessToken(config, token, now()));
  if (!bearer) throw new Refusal('invalid_token');
  return bearer;
}
