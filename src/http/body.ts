/** Reads a JSON body: content type exact, bytes counted while they arrive, UTF-8 and JSON strict. */
import { parseStrictJson } from '../lib/strict-json.ts';
import { Refusal } from '../refusal.ts';

const JSON_TYPE = /^application\/json(\s*;\s*charset="?utf-8"?)?$/i;

/** @throws Refusal `unsupported_media_type`, `payload_too_large`, `malformed_json` */
export async function readJson(request: Request, limitBytes: number): Promise<unknown> {
  if (!JSON_TYPE.test(request.headers.get('Content-Type') ?? '')) throw new Refusal('unsupported_media_type');
  const text = await readText(request, limitBytes);
  try {
    return parseStrictJson(text);
  } catch {
    throw new Refusal('malformed_json');
  }
}

/** The body as it was sent, for what is signed. @throws Refusal `payload_too_large`, `malformed_json` */
export async function readText(request: Request, limitBytes: number): Promise<string> {
  const bytes = await readCounted(request, limitBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new Refusal('malformed_json');
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
