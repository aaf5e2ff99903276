import { EXAMPLE } from './example.ts';
import type { Group } from './words.ts';

export const PROOF =
  'Needs a fresh `proof`: the password, or, for whoever has a second factor, a code of the app or a recovery code; or the ticket ' +
  'of a step-up for this act. A ' +
  'session alone changes no factor, and neither does a trusted device. ';

const SHOWN_APP = {
  secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  uri: 'otpauth://totp/Gatehouse:grace%40example.com?issuer=Gatehouse&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30',
  qr: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 53 53">...</svg>',
  ticket: EXAMPLE.ticket,
  expiresIn: 300,
};

export const factors = {
  name: 'Second factors',
  description: 'An authenticator app and recovery codes, beside the password.',
  operations: {
    'POST /login/mfa': {
      operationId: 'logInWithSecondFactor',
      summary: 'Finish a login with a second factor',
      description:
        'Takes the `ticket` that a login with the right password has given, and a code of the authenticator app, a ' +
        'recovery code, or the answer of a passkey to the `passkeyOptions` of that login. Answers as a login without a second factor does. A ticket opens one session, within 5 minutes, ' +
        'and only while password and second factors stay as they were. A code works once, and so does a recovery ' +
        'code, of which the owner is told by mail. After 5 wrong codes the next ones are refused with ' +
        '`second_factor_locked` for 15 minutes; recovery codes are not. With `trustDevice` the device is not asked ' +
        'for a second factor for 30 days, as long as it sends its `deviceToken` (or the cookie of it) and password ' +
        'and factors stay the same. Logging out with `forgetDevice`, or deleting the token, ends that.',
      cookies: { takes: ['RefreshCookie', 'DeviceCookie'], sets: true },
      requests: {
        app: { ticket: EXAMPLE.ticket, code: EXAMPLE.code, trustDevice: false },
        recovery: { ticket: EXAMPLE.ticket, recoveryCode: EXAMPLE.recoveryCodes[0] },
      },
      answer: { user: EXAMPLE.user, ...EXAMPLE.tokens, deviceToken: EXAMPLE.deviceToken },
    },
    'POST /login/enrol': {
      operationId: 'beginEnrolmentAtLogin',
      summary: 'Begin a login that needs a second factor, without one',
      description:
        'Where everybody must have a second factor (`MFA_REQUIRED=all`), the right password of somebody who has none ' +
        'gives a `ticket` with the method `enrolment`, and a code is mailed to the address. The ticket does nothing ' +
        'but this, with that code. Answers with a new secret for an authenticator app: as a picture to scan (`qr`, an ' +
        'SVG), as the `uri` in it, and as text to type. Nothing is active yet. A code can be tried 5 times and works ' +
        'once; a newer login makes it void. Four codes are mailed in a day, or since the last change of the ' +
        'password: then the login itself answers `rate_limited`.',
      requests: { code: { ticket: EXAMPLE.ticket, code: EXAMPLE.code } },
      answer: SHOWN_APP,
    },
    'POST /login/enrol/confirm': {
      operationId: 'enrolAndLogIn',
      summary: 'Add the authenticator app and log in',
      description:
        'Takes the `ticket` of `POST /login/enrol` and a code of the app. It adds the app and opens the session, as a ' +
        'login with a second factor does. The recovery codes are in this answer and are never shown again. A ticket ' +
        'opens one session, within 5 minutes, and only while password and second factors stay as they were. The code ' +
        'is used up, and a notice is mailed.',
      cookies: { takes: ['RefreshCookie', 'DeviceCookie'], sets: true },
      requests: { app: { ticket: EXAMPLE.ticket, code: EXAMPLE.code } },
      answer: {
        user: EXAMPLE.user,
        ...EXAMPLE.tokens,
        deviceToken: EXAMPLE.deviceToken,
        recoveryCodes: [...EXAMPLE.recoveryCodes],
      },
    },
    'GET /factors': {
      operationId: 'listFactors',
      summary: 'List the own second factors',
      description:
        'Which second factors there are, and whether a login by password needs one of them (`mfaRequired`). No secret is in the answer.',
      answer: {
        mfaRequired: true,
        totp: { createdAt: EXAMPLE.earlier },
        recoveryCodes: { left: 10, createdAt: EXAMPLE.earlier },
        passkeys: [
          {
            id: EXAMPLE.id,
            name: 'Laptop',
            isSynced: true,
            createdAt: EXAMPLE.earlier,
            lastUsedAt: EXAMPLE.instant,
          },
        ],
      },
    },
    'POST /factors/totp': {
      operationId: 'beginAuthenticatorApp',
      summary: 'Begin to add an authenticator app',
      description:
        `${PROOF}Answers with a new secret: as a picture to scan (\`qr\`, an SVG), as the \`uri\` in it, and as text to ` +
        'type. Nothing is stored and nothing changes before the confirmation. An app that was there before stays ' +
        'until then.',
      requests: {
        password: { proof: { password: EXAMPLE.password } },
        app: { proof: { code: EXAMPLE.code } },
        recovery: { proof: { recoveryCode: EXAMPLE.recoveryCodes[0] } },
      },
      answer: SHOWN_APP,
    },
    'POST /factors/totp/confirm': {
      operationId: 'confirmAuthenticatorApp',
      summary: 'Confirm the authenticator app with its code',
      description:
        'From now on a login needs a code of this app. The code that confirms it is used up. An app that was there ' +
        'before is replaced, and all other sessions end then. The recovery codes are in this answer and are never ' +
        'shown again; null when there are some already. A notice is mailed. The same session must ask that began.',
      requests: { app: { ticket: EXAMPLE.ticket, code: EXAMPLE.code } },
      answer: { recoveryCodes: [...EXAMPLE.recoveryCodes] },
    },
    'DELETE /factors/totp': {
      operationId: 'removeAuthenticatorApp',
      summary: 'Remove the authenticator app',
      description:
        `${PROOF}The recovery codes go with it, unless a login needs one of your passkeys. All other sessions end, ` +
        'trusted devices are forgotten, and a notice is mailed.',
      requests: {
        app: { proof: { code: EXAMPLE.code } },
        recovery: { proof: { recoveryCode: EXAMPLE.recoveryCodes[0] } },
      },
      answer: null,
    },
    'POST /factors/recovery-codes': {
      operationId: 'replaceRecoveryCodes',
      summary: 'Replace the recovery codes',
      description: `${PROOF}Gives ten new codes, which are shown once. The old ones are void, and a notice is mailed.`,
      requests: { app: { proof: { code: EXAMPLE.code } } },
      answer: { recoveryCodes: [...EXAMPLE.recoveryCodes] },
    },
  },
} satisfies Group;
