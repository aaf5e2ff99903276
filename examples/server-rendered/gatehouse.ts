/** How an app that renders on a server calls Gatehouse: tokens in bodies, kept in a cookie of the app's own. */
import { env } from 'cloudflare:workers';
import { clientHeader } from '@gatehouse/backend';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';

const { ISSUER, BACKEND_KEY } = env as unknown as { ISSUER: string; BACKEND_KEY?: string };

type Tokens = { accessToken: string; refreshToken: string; expiresAt: number };
type Answer = { status: number; code?: string; data: Record<string, unknown> };

/** The state of one request to the app: it refreshes once, however many calls it makes. */
export type Visit = { Variables: { tokens?: Promise<Tokens | undefined> } };

/** Sent by the app's own pages only, and read by no script. `prefix: 'host'` is `__Host-`: no other host can set it. */
const COOKIE = { prefix: 'host', path: '/', httpOnly: true, secure: true, sameSite: 'Lax' } as const;
const DAYS = 86_400;

export async function call(
  c: Context<Visit>,
  method: string,
  path: string,
  { body, token }: { body?: unknown; token?: string } = {},
): Promise<Answer> {
  const url = `${ISSUER}/api/v1/auth${path}`;
  const address = c.req.header('CF-Connecting-IP') ?? '';
  const response = await fetch(url, {
    method,
    headers: {
      'User-Agent': c.req.header('User-Agent') ?? '',
      'Accept-Language': c.req.header('Accept-Language') ?? '',
      ...(BACKEND_KEY && (await clientHeader(BACKEND_KEY, { address, method, url }))),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(token && { Authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { code, data } = (await response.json()) as { code?: string; data?: Answer['data'] | null };
  return { status: response.status, data: data ?? {}, ...(code && { code }) };
}

/** Logs in and keeps the tokens, or returns the code of the refusal. The device stays known after a logout. */
export async function logIn(c: Context<Visit>, email: string, password: string): Promise<string | undefined> {
  const deviceToken = getCookie(c, 'device', 'host');
  const { data, code } = await call(c, 'POST', '/login', { body: { email, password, deviceToken } });
  if (code !== undefined) return code;
  keep(c, data);
  setCookie(c, 'device', String(data.deviceToken), { ...COOKIE, maxAge: 180 * DAYS });
  return undefined;
}

export async function logOut(c: Context<Visit>): Promise<void> {
  const refreshToken = kept(c)?.refreshToken;
  if (refreshToken) await call(c, 'POST', '/logout', { body: { refreshToken } });
  deleteCookie(c, 'session', COOKIE);
}

/** The person's access token; undefined if nobody is logged in. */
export async function accessToken(c: Context<Visit>): Promise<string | undefined> {
  if (c.get('tokens') === undefined) c.set('tokens', current(c));
  return (await c.get('tokens'))?.accessToken;
}

async function current(c: Context<Visit>): Promise<Tokens | undefined> {
  const tokens = kept(c);
  if (tokens === undefined || tokens.expiresAt > Date.now() + 10_000) return tokens;
  const body = { refreshToken: tokens.refreshToken, deviceToken: getCookie(c, 'device', 'host') };
  const { status, data } = await call(c, 'POST', '/refresh', { body });
  if (status === 200) return keep(c, data);
  // Only this says that the session has ended. Whatever else went wrong, the next request may refresh.
  if (status === 401) deleteCookie(c, 'session', COOKIE);
  return undefined;
}

function keep(c: Context<Visit>, data: Answer['data']): Tokens {
  const { accessToken, refreshToken, expiresIn } = data as { [name: string]: string } & { expiresIn: never };
  const expiresAt = Date.now() + Number(expiresIn) * 1_000;
  const tokens: Tokens = { accessToken: String(accessToken), refreshToken: String(refreshToken), expiresAt };
  setCookie(c, 'session', JSON.stringify(tokens), { ...COOKIE, maxAge: 30 * DAYS });
  return tokens;
}

function kept(c: Context): Tokens | undefined {
  try {
    return JSON.parse(getCookie(c, 'session', 'host') ?? '');
  } catch {
    return undefined;
  }
}
