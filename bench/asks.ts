/** The requests of the benchmark. */
import type { Ask } from './load.ts';
import type { Person } from './people.ts';

const BASE = '/api/v1/auth';
/** As Cloudflare's edge says who asks. */
const headers = { 'CF-Connecting-IP': '203.0.113.7' };

export const me = ({ accessToken }: Person): Ask => ({
  url: `${BASE}/me`,
  headers: { ...headers, Authorization: `Bearer ${accessToken}` },
});

export const refresh = ({ refreshToken }: Person): Ask => post('/refresh', { refreshToken });
export const logout = ({ refreshToken }: Person): Ask => post('/logout', { refreshToken });
export const login = ({ email, password }: Person): Ask => post('/login', { email, password });

const post = (path: string, body: object): Ask => ({ url: BASE + path, method: 'POST', headers, body });

export const repeated = (ask: Ask, count: number): Ask[] => Array.from({ length: count }, () => ask);
