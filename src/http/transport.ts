/**
 * How a refresh token travels. Apps keep it themselves and send it in the body; a browser asks for cookies by the
 * header `X-Gatehouse-Transport: cookie`, and then no script ever sees it (OWASP ASVS 3.3.1 to 3.3.4).
 *
 * A cookie comes along with requests that other sites cause, so its requests must prove they are our own page's
 * (ASVS 3.5.1 to 3.5.3): the header, which no form can set and no other origin may, an Origin from the exact list,
 * and JSON, which http/body.ts demands of everyone.
 */
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import * as z from 'zod';
import type { Transport } from '../caller.ts';
import { Refusal } from '../refusal.ts';
import type { AppContext } from './context.ts';
import { isAllowedOrigin } from './origin.ts';

const TRANSPORT_HEADER = 'X-Gatehouse-Transport';

/** For the declaration of every endpoint that asks `transportOf`: another value is refused before it runs. */
export const transportHeader = z.object({
  [TRANSPORT_HEADER]: z.enum(['body', 'cookie'], { error: 'must be body or cookie' }).optional(),
});

/** `__Host-`: this host only, its root path, TLS. Written as `prefix` so that none of the three can be forgotten. */
const ATTRIBUTES = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Strict' } as const;

/** @throws Refusal `origin_not_allowed`, `cross_site` for cookies asked for elsewhere */
export function transportOf(c: AppContext): Transport {
  if (c.req.header(TRANSPORT_HEADER) !== 'cookie') return 'body';
  if (!isAllowedOrigin(c.get('deps').config, c.req.header('Origin')))
    throw new Refusal('origin_not_allowed', { reason: 'origin' });
  // Sent by every browser of today; its absence says nothing, its presence cannot be forged by a page.
  if (c.req.header('Sec-Fetch-Site') === 'cross-site') throw new Refusal('cross_site');
  return 'cookie';
}

/** The refresh token, from where the transport has it; undefined when there is no cookie. */
export function refreshTokenOf(
  c: AppContext,
  transport: Transport,
  { refreshToken }: { refreshToken?: string | undefined },
): string | undefined {
  if (transport === 'body') {
    if (refreshToken === undefined) throw invalid('refreshToken', 'is required');
    return refreshToken;
  }
  if (refreshToken !== undefined) throw invalid('refreshToken', 'is not taken with cookies');
  return getCookie(c, 'refresh', 'host');
}

/** The refresh cookie that a login is about to replace; undefined where there is none. */
export const heldRefreshToken = (c: AppContext, transport: Transport): string | undefined =>
  transport === 'cookie' ? getCookie(c, 'refresh', 'host') : undefined;

/** The device token, from where the transport has it. */
export function deviceTokenOf(
  c: AppContext,
  transport: Transport,
  { deviceToken }: { deviceToken?: string | undefined },
): string | undefined {
  if (transport === 'body') return deviceToken;
  if (deviceToken !== undefined) throw invalid('deviceToken', 'is not taken with cookies');
  return getCookie(c, 'device', 'host');
}

type Given = { refreshToken?: string; deviceToken?: string };

/** What may stand in the body: everything, or with cookies all but the secrets, which become cookies. */
export function carry<T extends Given>(
  c: AppContext,
  transport: Transport,
  { refreshToken, deviceToken, ...rest }: T,
): Omit<T, keyof Given> & Given {
  if (transport === 'body') {
    return {
      ...rest,
      ...(refreshToken !== undefined && { refreshToken }),
      ...(deviceToken !== undefined && { deviceToken }),
    };
  }
  const { sessionIdleSeconds, deviceTokenSeconds } = c.get('deps').config;
  // The cookie ends with the idle session: every refresh writes it anew.
  if (refreshToken !== undefined)
    setCookie(c, 'refresh', refreshToken, { ...ATTRIBUTES, maxAge: sessionIdleSeconds });
  if (deviceToken !== undefined)
    setCookie(c, 'device', deviceToken, { ...ATTRIBUTES, maxAge: deviceTokenSeconds });
  return rest;
}

/**
 * Ends cookies, and nothing else of the browser's: `Clear-Site-Data` would end those of the whole registrable domain,
 * and with the device cookie the owner's way past strangers' failures (guard/device.ts).
 */
export function endCookies(c: AppContext, names: readonly ('refresh' | 'device')[]): void {
  for (const name of names) deleteCookie(c, name, { ...ATTRIBUTES });
}

const invalid = (path: string, message: string) =>
  new Refusal('validation_failed', { members: { errors: [{ path, message }] } });
