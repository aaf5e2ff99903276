/**
 * Which web pages may use the API: those of the exact list, and always those of the issuer (our pages and the API docs).
 */
import type { ApiConfig } from '../config/read.ts';

type Settings = Pick<ApiConfig, 'allowedOrigins' | 'issuer'>;

/** Compared as whole strings: no suffix, no pattern, no `null`. */
export function isAllowedOrigin({ allowedOrigins, issuer }: Settings, origin: string | undefined): boolean {
  if (origin === undefined) return false;
  return allowedOrigins.includes(origin) || origin === new URL(issuer).origin;
}
