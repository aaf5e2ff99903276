/** The requests of the benchmark. */
import type { Ask } from './load.ts';

const BASE = '/api/v1/auth';
/** The header with which Cloudflare's edge names the client. */
const headers = { 'CF-Connecting-IP': '203.0.113.7' };

type Bearer = { accessToken: string };
type Holder = { refreshToken: string };
type Credentials = { email: string; password: string; deviceToken?: string };

export const post = (path: string, body: object): Ask => ({
  url: BASE + path,
  method: 'POST',
  headers,
  body,
});

export const asBearer = ({ accessToken }: Bearer, method: string, path: string, body?: object): Ask => ({
  url: BASE + path,
  method,
  headers: { ...headers, Authorization: `Bearer ${accessToken}` },
  ...(body && { body }),
});

export const me = (who: Bearer): Ask => asBearer(who, 'GET', '/me');
export const sessions = (who: Bearer): Ask => asBearer(who, 'GET', '/sessions');
export const refresh = ({ refreshToken }: Holder): Ask => post('/refresh', { refreshToken });
export const logout = ({ refreshToken }: Holder): Ask => post('/logout', { refreshToken });
export const login = ({ email, password, deviceToken }: Credentials): Ask =>
  post('/login', { email, password, deviceToken });

export const repeated = (ask: Ask, count: number): Ask[] => Array.from({ length: count }, () => ask);
