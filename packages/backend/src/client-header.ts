/** The header that says for whom a backend calls, so that the limits of Gatehouse count the person and not the backend. */
import { base64url, SignJWT } from 'jose';

const LIFE_SECONDS = 60;

export type ClientCall = {
  /** The person's address, as your own edge has seen it. Never from a header that a client can write. */
  address: string;
  method: string;
  /** Of the call. */
  url: string;
  /** The address that you call from, if it is always the same. Then the header is of no use to anyone else. */
  via?: string | undefined;
};

/** `key` is the newest one of `BACKEND_KEYS`, `kid:base64url`; `now` is in milliseconds. */
export async function clientHeader(
  key: string,
  { address, method, url, via }: ClientCall,
  now: number = Date.now(),
): Promise<Record<'X-Gatehouse-Client', string>> {
  const [, kid = '', secret = ''] = /^([\w-]+):([\w-]+)$/.exec(key) ?? [];
  if (secret === '') throw new Error('The key of a backend is of the form kid:base64url.');
  const issuedAt = Math.floor(now / 1_000);
  const claims = { ip: address, htm: method, htu: new URL(url).pathname, ...(via !== undefined && { via }) };
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'client+jwt', kid })
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + LIFE_SECONDS)
    .sign(base64url.decode(secret));
  return { 'X-Gatehouse-Client': token };
}
