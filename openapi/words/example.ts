/** The person of all examples, and what the service gives her. Nobody of the README or of the tests is called so. */
const id = '0197f0c4-7d5c-7c3e-a1b2-3c4d5e6f7a8b';
const name = 'Grace Hopper';
const email = 'grace@example.com';
const earlier = '2026-01-31T11:15:00.000Z';
const instant = '2026-01-31T12:00:00.000Z';

export const EXAMPLE = {
  id,
  name,
  email,
  newEmail: 'grace.hopper@example.com',
  password: 'plum-kettle-orbit-92',
  newPassword: 'a-lantern-of-quiet-rivers',
  code: '042917',
  linkToken: 'the-token-in-the-fragment-of-the-mailed-link',
  ticket: 'the-ticket-of-the-step-before',
  recoveryCodes: [
    'k3vq-7xmd-4hzp-w2fa',
    'tq5s-ynb6-u3je-drxc',
    'm7wa-2gkf-hv4z-pi6o',
    'b6cx-ol3r-s5ty-jnue',
    'qa4d-zw7k-fm2h-vxig',
    'e3pj-6ubt-rc5n-ysol',
    'h2mz-gk7v-wd4x-afqi',
    'y5rt-jn3c-oe6s-lbpu',
    'x4fk-vd2q-zi7m-hwga',
    'u6ys-cb5l-tj3p-reno',
  ],
  deviceToken: 'the-device-token-of-the-last-login',
  earlier,
  instant,
  user: { id, name, email, createdAt: earlier },
  tokens: {
    accessToken: 'a-JWT-for-the-Authorization-header',
    refreshToken: 'a-token-for-refresh-and-logout-only',
    tokenType: 'Bearer',
    expiresIn: 900,
  },
} as const;
