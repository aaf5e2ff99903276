/**
 * Reads a JSON body strictly: the exact content type, size and time counted while it arrives, valid UTF-8, valid JSON.
 */
import { parseStrictJson } from '../lib/strict-json.ts';
import { startTimeLimit } from '../lib/time-limit.ts';
import { Refusal } from '../refusal.ts';

const JSON_TYPE = /^application\/json(\s*;\s*charset="?utf-8"?)?$/i;

/** The limits of a whole body. */
export type BodyLimits = { bytes: number; ms: number };

export const bodyLimits = (config: { bodyLimitBytes: number; bodyTimeoutMs: number }): BodyLimits => ({
  bytes: config.bodyLimitBytes,
  ms: config.bodyTimeoutMs,
});

/** @throws Refusal `unsupported_media_type`, `request_timeout`, `payload_too_large`, `malformed_json` */
export async function readJson(request: Request, limits: BodyLimits): Promise<unknown> {
  if (!JSON_TYPE.test(request.headers.get('Content-Type') ?? '')) throw new Refusal('unsupported_media_type');
  const text = await readText(request, limits);
  try {
    return parseStrictJson(text);
  } catch {
    throw new Refusal('malformed_json');
  }
}

/**
 * The body as it was sent, for a check of its signature. @throws Refusal `request_timeout`, `payload_too_large`,
 * `malformed_json`
 */
export async function readText(request: Request, limits: BodyLimits): Promise<string> {
  const bytes = await readInTime(request, limits);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new Refusal('malformed_json');
  }
}

/** RFC 9110 section 15.5.9: a client that sends slowly or stops must not hold a request open. */
async function readInTime(request: Request, { bytes, ms }: BodyLimits): Promise<Uint8Array> {
  const { signal, end } = startTimeLimit(ms);
  const isOver = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Refusal('request_timeout')));
  });
  try {
    return await Promise.race([readCounted(request, bytes), isOver]);
  } finally {
    end();
  }
}

async function readCounted(request: Request, limitBytes: number): Promise<Uint8Array> {
  if (Number(request.headers.get('Content-Length')) > limitBytes) throw new Refusal('payload_too_large');
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream: the rest is never read.
    if (size > limitBytes) throw new Refusal('payload_too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
