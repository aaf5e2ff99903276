/** Headers and cookies of the document, as raw components: no schema of the Worker reads them. */
type Header = { description: string; required?: true; schema: Record<string, unknown> };

export const headers: Record<string, Header> = {
  RateLimit: {
    description:
      'How much of each limit of this route is used: `r` requests are left, and in `t` seconds there are more ' +
      '(draft-ietf-httpapi-ratelimit-headers). Absent on routes whose limits are counted at the edge, and while limits cannot be counted.',
    schema: { type: 'string', examples: ['"login-900";r=59;t=900'] },
  },
  'RateLimit-Policy': {
    description: 'The limits of this route: `q` requests in `w` seconds.',
    schema: { type: 'string', examples: ['"login-900";q=60;w=900'] },
  },
  'Retry-After': {
    description: 'Seconds to wait before the next try (RFC 9110 section 10.2.3).',
    required: true,
    schema: { type: 'string', pattern: '^[0-9]+$', examples: ['2'] },
  },
  'WWW-Authenticate': {
    description: 'The expected authentication scheme (RFC 6750 section 3).',
    required: true,
    schema: { type: 'string', examples: ['Bearer error="invalid_token"'] },
  },
  'Set-Cookie': {
    description:
      'With `X-Gatehouse-Transport: cookie`: `__Host-refresh` or `__Host-device`, or the end of one. Secure, HttpOnly, ' +
      'SameSite=Strict.',
    schema: {
      type: 'string',
      examples: ['__Host-refresh=...; Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=Strict'],
    },
  },
  'Server-Timing': {
    description:
      'Only outside production: how long the answer took, and how many trips to the database it made (W3C Server Timing).',
    schema: { type: 'string', examples: ['total;dur=12, db;dur=4;desc="1 trips"'] },
  },
  'Cache-Control': {
    description:
      'How long the answer may be kept. Every answer without this header in the document is `no-store`.',
    required: true,
    schema: { type: 'string', examples: ['public, max-age=300'] },
  },
};

/** As a response names them. */
export const headersNamed = (...names: string[]): Record<string, { $ref: string }> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

export const securitySchemes = {
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The accessToken of a login or refresh (RFC 6750).',
  },
  refreshCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-refresh',
    description: 'The refresh token of a browser that asked for cookies.',
  },
} as const;

/** Cookies that say something else than who asks. */
export const cookies = {
  RefreshCookie: {
    name: '__Host-refresh',
    in: 'cookie',
    description: 'With cookies: the session that the login replaces.',
    schema: { type: 'string' },
  },
  DeviceCookie: {
    name: '__Host-device',
    in: 'cookie',
    description: 'With cookies: the device token.',
    schema: { type: 'string' },
  },
} as const;
