/**
 * Whether a password is known from a breach. The service is asked by range: it sees five characters of a SHA-1, which
 * some hundred other passwords share. Padding hides from the network how many these are.
 */
import { createHash } from 'node:crypto';

export type Breaches = { includes(password: string): Promise<boolean | 'down'> };

const TIMEOUT_MS = 500;
const PREFIX = 5;

/** Without a URL there is no check. */
export function breachRange(url: string | undefined): Breaches {
  if (url === undefined) return { includes: async () => false };
  return {
    async includes(password) {
      const digest = createHash('sha1').update(password.normalize('NFC')).digest('hex').toUpperCase();
      const range = await rangeOf(`${url.replace(/\/$/, '')}/range/${digest.slice(0, PREFIX)}`);
      if (range === undefined) return 'down';
      const found = range.split(/\r?\n/).find((line) => line.startsWith(`${digest.slice(PREFIX)}:`));
      // Entries that are only padding have the count zero.
      return found !== undefined && !found.endsWith(':0');
    },
  };
}

async function rangeOf(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      headers: { 'Add-Padding': 'true' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return response.ok && /^[0-9A-F]{35}:\d+/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
