/** For whom passkeys are, by the settings: one place for the routes, the readiness check and the well-known file. */
import type { ApiConfig } from './read.ts';

/** The domain that passkeys belong to, and the pages and apps that may ask for them. */
export type RelyingParty = { rpId: string; origins: readonly string[] };

export const relyingParty = (
  config: Pick<ApiConfig, 'issuer' | 'rpId' | 'allowedOrigins' | 'passkeyApps'>,
): RelyingParty => {
  const { hostname, origin } = new URL(config.issuer);
  return {
    rpId: config.rpId ?? hostname,
    origins: [...new Set([origin, ...config.allowedOrigins, ...config.passkeyApps])],
  };
};
