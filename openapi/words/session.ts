import { EXAMPLE } from './example.ts';
import type { Group } from './words.ts';

export const session = {
  name: 'Session',
  description: 'Logging in, staying logged in, and logging out.',
  operations: {
    'POST /login': {
      operationId: 'logIn',
      summary: 'Log in',
      description:
        'Opens a session. A wrong password and an unknown address get the same answer. The right password of a ' +
        'sign-up whose address is not proven gets `email_not_verified`, with the `id` that verify-email needs. ' +
        'After 5 failures for one address, a client is refused with `login_locked` for 30 minutes, whether or not ' +
        'the address has an account. Send the `deviceToken` of the last login with the next one. A device that ' +
        'sends it is not held up by failures of strangers, or by others in its network. A login without it counts ' +
        'as a new device, and the owner is told by mail. A browser sends `X-Gatehouse-Transport: cookie` from an ' +
        'allowed origin. Refresh token and device token are then `__Host-` cookies and not in the body. A session ' +
        'never changes its transport. A login with cookies ends the session whose cookie it replaces. For somebody ' +
        'who has a second factor the answer is `mfaRequired` with a `ticket` instead of tokens: go on with ' +
        '`POST /login/mfa`. It comes only after the right password. Where everybody must have a second factor and there ' +
        'is none yet, the only method is `enrolment`: go on with `POST /login/enrol`.',
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
        'Replaces the refresh token and gives a new access token. The same token may be sent again by a client ' +
        'whose answer was lost, and by tabs that refresh at the same time. For 10 seconds they get the same new ' +
        'token. After that, the device that logged in gets another new token, so nobody is logged out. A token that ' +
        'was made within 10 seconds is answered with itself, to the device that logged in. For this, ' +
        'send the `deviceToken` of the login too, and stop waiting for an answer after 8 seconds. Any older ' +
        'token, and an old token from another device, ends the session, and the owner is told by mail. With ' +
        '`X-Gatehouse-Transport: cookie` the body is `{}`, and the tokens come and go in cookies. A browser ' +
        'without a cookie gets `session: null`, so a page can find out whether somebody is logged in. A cookie ' +
        'whose session has ended is refused on every visit, until a login or a logout replaces it. A late answer ' +
        'must not remove the cookie of a login that was made in between.',
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
        'Ends the session of the refresh token. Its access tokens are refused here at once. No valid access token ' +
        'is needed. An unknown or ended session gets the same answer. A token that a refresh would take for ' +
        'stolen ends its session as stolen here too. With `X-Gatehouse-Transport: cookie` no token is in the ' +
        'body, and the cookie `__Host-refresh` is removed. The device stays known: a later login on it is no new ' +
        "device, and strangers do not hold it up. On somebody else's computer send `forgetDevice: true`, which " +
        'also removes the cookie `__Host-device`. A client that keeps its `deviceToken` itself forgets the device ' +
        'by deleting it.',
      cookies: { authenticate: true, takes: ['DeviceCookie'], sets: true },
      requests: { app: { refreshToken: EXAMPLE.tokens.refreshToken }, browser: {} },
      answer: null,
    },
    'GET /sessions': {
      operationId: 'listSessions',
      summary: 'List the own sessions',
      description:
        'Where you are logged in, last used first. Device and browser are what the client said at login. The ' +
        'place is what Cloudflare knows about its address, or null. `lastUsedAt` is rounded to five minutes, and ' +
        'changes only when these are over.',
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
        'Its tokens are refused at once. The session of another person gets the same answer as one that does not ' +
        'exist.',
      answer: null,
    },
    'DELETE /sessions': {
      operationId: 'revokeOtherSessions',
      summary: 'End all other sessions',
      description: 'Ends every session except the one of this request. `ended` is their number.',
      answer: { ended: 2 },
    },
  },
} satisfies Group;
