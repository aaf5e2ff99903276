/** The tokens of a session. They are made when it is opened, at each refresh, and when its password changes. */
import type { ApiConfig } from '../config/read.ts';
import { mintAccessToken } from './access.ts';
import { encodeRefreshToken } from './refresh-token.ts';

export type Tokens = { accessToken: string; refreshToken: string; tokenType: 'Bearer'; expiresIn: number };

/** A session at its current generation. */
export type Session = {
  sessionId: string;
  userId: string;
  generation: number;
  secret: string;
  amr: readonly string[];
  authenticatedAt: Date;
  expiresAt: Date;
};

export async function issueTokens(config: ApiConfig, session: Session, now: Date): Promise<Tokens> {
  const access = await mintAccessToken(config, session, now);
  return {
    accessToken: access.token,
    refreshToken: await encodeRefreshToken(config.refreshTokenSecrets, session),
    tokenType: 'Bearer',
    expiresIn: access.expiresIn,
  };
}
