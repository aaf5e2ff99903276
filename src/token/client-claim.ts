/**
 * A backend that calls Gatehouse for its users says for whom: a compact JWS (lib/jws.ts) in a header, with the address
 * of the user, valid for one request and one minute. It opens nothing. It only says whom the limits count and which
 * address the history shows.
 */
import * as z from 'zod';
import { clientNetwork } from '../lib/client-network.ts';
import { readToken } from '../lib/jws.ts';
import type { Key, KeyRing } from '../lib/key-ring.ts';

const clientClaim = {
  typ: 'client+jwt',
  claims: z.object({
    ip: z.string(),
    /** Method and path of the request. So a header that somebody has seen is useless for other requests. */
    htm: z.string(),
    htu: z.string(),
    /** The address of the backend, if it knows it. Then nobody else can send the header. */
    via: z.string().optional(),
    iat: z.int(),
    exp: z.int(),
  }),
  keyOf: ({ secret }: Key): Uint8Array => secret,
};

const LONGEST_LIFE_SECONDS = 60;
/** How many seconds the clock of the backend may be ahead. */
const LEEWAY_SECONDS = 30;

type Carrier = { method: string; path: string; sender: string | null };

/**
 * The address of the user for whom the request is made. Undefined when no backend of ours says so for this request.
 */
export async function clientBehind(
  keys: KeyRing,
  header: string,
  { method, path, sender }: Carrier,
  now: Date,
): Promise<string | undefined> {
  const claims = await readToken(clientClaim, keys, header, now);
  if (claims === undefined) return undefined;
  const { ip, htm, htu, via, iat, exp } = claims;
  if (exp - iat > LONGEST_LIFE_SECONDS || iat > now.getTime() / 1_000 + LEEWAY_SECONDS) return undefined;
  if (htm !== method || htu !== path) return undefined;
  if (via !== undefined && (sender === null || clientNetwork(via)?.client !== sender)) return undefined;
  return ip;
}
