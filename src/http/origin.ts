/** Which web pages may use the API with cookies: an exact list, by default the issuer's own origin alone. */
import type { ApiConfig } from '../env.ts';

type Settings = Pick<ApiConfig, 'allowedOrigins' | 'issuer'>;

/** Compared as whole strings: no suffix, no pattern, no `null`. */
export function isAllowedOrigin({ allowedOrigins, issuer }: Settings, origin: string | undefined): boolean {
  const allowed = allowedOrigins.length > 0 ? allowedOrigins : [new URL(issuer).origin];
  return origin !== undefined && allowed.includes(origin);
}
