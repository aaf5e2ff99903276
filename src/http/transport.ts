/**
 * How a refresh token travels. An app keeps it and sends it in the body. A browser asks for cookies with the header
 * `X-Gatehouse-Transport: cookie`, and then no script can read it (OWASP ASVS 3.3.1 to 3.3.4).
 *
 * Cookies are also sent with requests that other sites cause. So a request with cookies must prove that it comes from
 * our own page (ASVS 3.5.1 to 3.5.3): by the header, which no form and no other origin can set; by an Origin from the
 * exact list; and by JSON, which http/body.ts demands from everyone.
 */
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import * as z from 'zod';
import type { Transport } from '../caller.ts';
import { Refusal } from '../refusal.ts';
import type { AppContext } from './context.ts';
import { isAllowedOrigin } from './origin.ts';

const TRANSPORT_HEADER = 'X-Gatehouse-Transport';

/**
 * For the declaration of every endpoint that uses `transportOf`. Another value is refused before the handler runs.
 */
export const transportHeader = z.object({
  [TRANSPORT_HEADER]: z.enum(['body', 'cookie'], { error: 'must be body or cookie' }).optional(),
});

/** `__Host-`: only this host, its root path, and TLS. Written as `prefix`, so none of the three can be forgotten. */
const ATTRIBUTES = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Strict' } as const;

/** @throws Refusal `origin_not_allowed`, `cross_site` for cookies asked for elsewhere */
export function transportOf(c: AppContext): Transport {
  if (c.req.header(TRANSPORT_HEADER) !== 'cookie') return 'body';
  if (!isAllowedOrigin(c.get('deps').config, c.req.header('Origin')))
    throw new Refusal('origin_not_allowed', { reason: 'origin' });
  // All current browsers send it, and a page cannot change it. Without it nothing is known.
  if (c.req.header('Sec-Fetch-Site') === 'cross-site') throw new Refusal('cross_site');
  return 'cookie';
}

/** The refresh token, from the body or the cookie. Undefined when there is no cookie. */
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

/** The refresh cookie that a login replaces. Undefined when there is none. */
export const heldRefreshToken = (c: AppContext, transport: Transport): string | undefined =>
  transport === 'cookie' ? getCookie(c, 'refresh', 'host') : undefined;

/** The device token, from the body or the cookie. */
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

/** What goes into the body: everything, or with cookies everything but the tokens that become cookies. */
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
  // The cookie ends when an idle session ends. Every refresh sets it again.
  if (refreshToken !== undefined)
    setCookie(c, 'refresh', refreshToken, { ...ATTRIBUTES, maxAge: sessionIdleSeconds });
  if (deviceToken !== undefined)
    setCookie(c, 'device', deviceToken, { ...ATTRIBUTES, maxAge: deviceTokenSeconds });
  return rest;
}

/**
 * Ends these cookies and nothing else in the browser. `Clear-Site-Data` would end the cookies of the whole registrable
 * domain, and with the device cookie the owner would lose the way past the lockout of strangers (guard/device.ts).
 */
export function endCookies(c: AppContext, names: readonly ('refresh' | 'device')[]): void {
  for (const name of names) deleteCookie(c, name, { ...ATTRIBUTES });
}

const invalid = (path: string, message: string) =>
  new Refusal('validation_failed', { members: { errors: [{ path, message }] } });
