/** One request to Gatehouse, by the name of its operation, typed by what it takes and what it returns. */
import type { Operations } from './contract.ts';
import { GatehouseError, problemOf } from './problem.ts';

export type Name = keyof Operations;
export type Input<N extends Name> = Operations[N]['input'];
export type Data<N extends Name> = Operations[N]['data'];

export type Send = <N extends Name>(name: N, input?: Input<N>, token?: string) => Promise<Data<N>>;

type Settings = { url: string; fetch: typeof fetch; withCookies: boolean; signal: AbortSignal };

const BASE_PATH = '/api/v1/auth';
/** If an answer to a refresh takes longer, the next try is better: the service gives the same answer for ten seconds. */
const REFRESH_MS = 8_000;
const OTHERS_MS = 30_000;

/** @throws GatehouseError */
export function sender({ url, fetch, withCookies, signal }: Settings): Send {
  return async (name, input, token) => {
    const { method, path, body } = requestOf(name, input);
    const limit = AbortSignal.timeout(name === 'POST /refresh' ? REFRESH_MS : OTHERS_MS);
    try {
      const response = await fetch(url + BASE_PATH + path, {
        method,
        headers: {
          ...(body && { 'Content-Type': 'application/json' }),
          ...(token && { Authorization: `Bearer ${token}` }),
          ...(withCookies && { 'X-Gatehouse-Transport': 'cookie' }),
        },
        ...(body && { body }),
        credentials: withCookies ? 'include' : 'omit',
        signal: AbortSignal.any([signal, limit]),
      });
      if (!response.ok) throw await problemOf(response);
      return ((await response.json()) as { data: Data<typeof name> }).data;
    } catch (error) {
      throw error instanceof GatehouseError ? error : new GatehouseError('no_answer', { cause: error });
    }
  };
}

/** `GET /events` with its query, `DELETE /sessions/:id` with its path filled in, everything else as JSON. */
function requestOf(name: Name, input: object = {}): { method: string; path: string; body?: string } {
  const [method = '', template = ''] = name.split(' ');
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const path = template.replace(/:(\w+)/g, (_, key: string) => {
    const value = encodeURIComponent(rest.get(key));
    rest.delete(key);
    return value;
  });
  if (method === 'GET')
    return { method, path: rest.size > 0 ? `${path}?${new URLSearchParams([...rest])}` : path };
  const hasBody = method === 'POST' || rest.size > 0;
  return { method, path, ...(hasBody && { body: JSON.stringify(Object.fromEntries(rest)) }) };
}
