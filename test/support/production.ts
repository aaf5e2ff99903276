/** The settings of a production deployment, besides the keys that `npm run keys` makes. Nothing behind them exists. */

export const randomText = (bytes = 32) =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('base64url');

export const production = {
  ENVIRONMENT: 'production',
  DATABASE_URL: `postgresql://gatehouse_api:${randomText()}@ep-x-pooler.eu-central-1.aws.neon.tech/gatehouse`,
  NEON_HTTP_URL: '',
  ISSUER: 'https://auth.gatehouse.dev',
  AUDIENCE: 'https://api.gatehouse.dev',
  ALLOWED_ORIGINS: 'https://app.gatehouse.dev,https://admin.gatehouse.dev:8443',
  UPSTASH_REDIS_REST_URL: 'https://redis.gatehouse.dev',
  UPSTASH_REDIS_REST_TOKEN: randomText(),
  RESEND_API_KEY: `re_${randomText()}`,
  RESEND_BASE_URL: '',
  RESEND_WEBHOOK_SECRET: 'off',
  LINK_BASE_URL: 'https://auth.gatehouse.dev',
  MAIL_FROM: 'Gatehouse <no-reply@gatehouse.dev>',
  // What a deployment hashes at, in tests that elsewhere hash cheaply.
  PASSWORD_SCRYPT_COSTS: '',
};
