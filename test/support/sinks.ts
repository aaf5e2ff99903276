/** Where a secret could leak to beside the answers: the console and the queue while something runs, and what was stored. */
import { env } from 'cloudflare:workers';
import { expect } from 'vitest';
import type { ApiBindings } from '../../src/config/bindings.ts';
import { linesOf } from './console.ts';
import { query } from './control-client.ts';

/** What went to the console and into the queue while `work` ran. */
export async function watched(work: () => Promise<void>): Promise<{ lines: string[]; queued: unknown[] }> {
  const queued: unknown[] = [];
  const queue = (env as unknown as ApiBindings).MAIL_QUEUE;
  const send = queue.send.bind(queue);
  queue.send = (...message) => {
    queued.push(message);
    return send(...message);
  };
  try {
    const { lines } = await linesOf(work);
    return { lines, queued };
  } finally {
    queue.send = send;
  }
}

/** The events of whoever has the address, and their outbox rows without the address, which a mail keeps. */
export async function storedOf(email: string): Promise<{ outbox: { status: string }[]; events: unknown[] }> {
  const ofPerson = (table: string) =>
    query<{ status: string; row: unknown }>(
      `SELECT to_jsonb(t) ->> 'status' AS status, to_jsonb(t) - 'recipient' AS row
       FROM ${table} t JOIN users u ON u.id = t.user_id WHERE u.email = $1`,
      [email],
    );
  return { outbox: await ofPerson('email_outbox'), events: await ofPerson('security_events') };
}

/** Six digits that are a part of nothing longer: in an id or a fraction of a second they stand by chance. */
export const asCode = (digits: string) => new RegExp(`(?<![\\w.-])${digits}(?![\\w-])`);

/** Of a token, its long parts count as secrets too. */
export function expectNone(secrets: string[], sinks: Record<string, unknown>): void {
  const marked = secrets.flatMap((secret) => [
    secret,
    ...secret.split('.').filter((part) => part.length > 40),
  ]);
  for (const [sink, content] of Object.entries(sinks)) {
    for (const secret of marked)
      expect(JSON.stringify(content), sink).not.toMatch(/^\d{6}$/.test(secret) ? asCode(secret) : secret);
  }
}
