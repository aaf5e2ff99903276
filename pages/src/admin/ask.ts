/** Asks the admin Worker (src/admin/http.ts). */
import { GatehouseError, problemOf } from '../../../packages/client/src/problem.ts';

/** @throws GatehouseError */
export async function ask<T>(path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'X-Gatehouse-Admin': '1',
      // Access then answers 401 instead of leading to its own page.
      'X-Requested-With': 'XMLHttpRequest',
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new GatehouseError('no_answer', { cause });
  });
  if (response.ok) return (await response.json()) as T;
  if (response.status === 401) throw new GatehouseError('signed_out', { status: 401 });
  throw await problemOf(response);
}

export const pathOf = (id: string): string => `/api/people/${encodeURIComponent(id)}`;
