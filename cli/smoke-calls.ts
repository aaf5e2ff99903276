/** The calls of `smoke`, and what is said when no answer comes. */
import { setTimeout as sleep } from 'node:timers/promises';

export type Answer = {
  status: number;
  body: { code?: string; data?: Record<string, string>; keys?: unknown[] };
};
export type Call = (origin: string) => Promise<Answer>;

const TIMEOUT_MS = 10_000;
/** How long a database that slept may take to be ready, and a mail to arrive. */
export const PATIENCE_MS = 60_000;

/** `fetch failed` alone does not say whether the name, the certificate or the server is wrong. */
export function unreachable(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1_000} s`;
  return `no answer: ${cause?.code ?? cause?.message ?? message}`;
}

/** Asked again while it says that something behind it is down. */
export const ready: Call = async (origin) => {
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(1_000)) {
    const answered = await send(origin, '/health/ready', {});
    if (answered.status !== 503 || Date.now() > deadline) return answered;
  }
};

export const get =
  (path: string, token?: string): Call =>
  (origin) =>
    send(origin, path, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } });

export const post =
  (path: string, body: unknown): Call =>
  (origin) =>
    send(origin, `/api/v1/auth${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });

async function send(origin: string, path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(new URL(path, origin), { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const body = (await response.json().catch(() => ({}))) as Answer['body'];
  return { status: response.status, body };
}
