import { EXAMPLE } from './example.ts';
import type { Group } from './words.ts';

export const session = {
  name: 'Session',
  description: 'Being logged in: on which devices, for how long, and how it ends.',
  operations: {
    'POST /login': {
      operationId: 'logIn',
      summary: 'Log in',
      description:
        'Opens a session. A wrong password and an unknown address are answered alike. The right password of a sign-up ' +
        'whose address is not proven yet gives `email_not_verified` with the `id` that verify-email asks for. After 5 ' +
        'failures for one address, whether it has an account or not, a client is refused for 30 minutes with ' +
        '`login_locked`; failures of strangers, or what others in its network ask for, never hold up a device whose ' +
        '`deviceToken` comes along. Send that of the login before with the next one: a login without it counts as a new device, and its owner is ' +
        'told by mail. A browser sends `X-Gatehouse-Transport: cookie` from an allowed origin: refresh and device token ' +
        'are then `__Host-` cookies and stand in no body; a session never changes its transport. ' +
        'A login with cookies ends the session whose cookie it replaces.',
      cookies: { takes: ['RefreshCookie', 'DeviceCookie'], sets: true },
      requests: {
        firstTime: { email: EXAMPLE.email, password: EXAMPLE.password },
        knownDevice: { email: EXAMPLE.email, password: EXAMPLE.password, deviceToken: EXAMPLE.deviceToken },
      },
      answer: { user: EXAMPLE.user, ...EXAMPLE.tokens, deviceToken: EXAMPLE.deviceToken },
    },
    'POST /refresh': {
      operationId: 'refresh',
      summary: 'Refresh the tokens',
      description:
        'Replaces the refresh token and gives a new access token. A client whose answer got lost, and tabs that refresh at ' +
        'the same time, may show the token again: for 10 seconds they get the same successor, and after that, on the device ' +
        'that logged in, another one, so nobody is logged out. For that send the `deviceToken` of the login along, and give ' +
        'up waiting for an answer after 8 seconds. Any older token, and one shown without its device, ends the session, and ' +
        'its owner is told by mail. With `X-Gatehouse-Transport: cookie` the body is `{}` and the tokens come and go in ' +
        'cookies; a browser that has no cookie gets `session: null`, so that a page may ask whether somebody is logged in. ' +
        'A cookie whose session has ended is refused, also on the next visit: only a login or a logout takes it away, since an ' +
        'answer that comes late must not end the cookie of a login that was made meanwhile.',
      cookies: { authenticate: true, takes: ['DeviceCookie'], sets: true },
      requests: {
        app: { refreshToken: EXAMPLE.tokens.refreshToken, deviceToken: EXAMPLE.deviceToken },
        browser: {},
      },
      answer: EXAMPLE.tokens,
    },
    'POST /logout': {
      operationId: 'logOut',
      summary: 'Log out',
      description:
        'Ends the session of the refresh token; its access tokens are refused here at once. Needs no live access ' +
        'token. An unknown or ended session is answered alike; a token that a refresh would take for stolen ends its session ' +
        'as stolen, here as well. With `X-Gatehouse-Transport: cookie` no token stands in the ' +
        'body, and the cookie `__Host-refresh` ends. The device stays known, so that a later login here is no new device ' +
        "and is not held up by strangers; on somebody else's computer send `forgetDevice: true`, which ends the cookie " +
        '`__Host-device` as well. A client that keeps its `deviceToken` itself forgets the device by dropping it.',
      cookies: { authenticate: true, takes: ['DeviceCookie'], sets: true },
      requests: { app: { refreshToken: EXAMPLE.tokens.refreshToken }, browser: {} },
      answer: null,
    },
    'GET /sessions': {
      operationId: 'listSessions',
      summary: 'List the own sessions',
      description:
        'Where you are logged in, last used first. Device and browser are what the client said at login; the place is ' +
        'what Cloudflare makes of its address, and null where it does not know. `lastUsedAt` is rounded to five minutes ' +
        'and changes when these are over.',
      answer: {
        sessions: [
          {
            id: EXAMPLE.id,
            current: true,
            browser: 'Firefox',
            device: 'Mac',
            place: 'Lisbon, PT',
            createdAt: EXAMPLE.earlier,
            lastUsedAt: EXAMPLE.instant,
          },
        ],
      },
    },
    'DELETE /sessions/:id': {
      operationId: 'revokeSession',
      summary: 'End one of the own sessions',
      description:
        "Its tokens are refused at once. Another person's session is answered like one that does not exist.",
      answer: null,
    },
    'DELETE /sessions': {
      operationId: 'revokeOtherSessions',
      summary: 'End all other sessions',
      description: 'Every session but the one this request came in on. `ended` says how many there were.',
      answer: { ended: 2 },
    },
  },
} satisfies Group;
