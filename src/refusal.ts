/**
 * Refusals: every way in which Gatehouse says no. The code is public and stable. The reason is only for events and
 * logs. A code without a status and a title does not compile, and nothing else maps codes to statuses.
 */

type Meaning = {
  status: 400 | 401 | 403 | 404 | 405 | 408 | 413 | 415 | 422 | 429 | 500 | 503;
  title: string;
  detail: string;
};

const table = {
  malformed_json: {
    status: 400,
    title: 'Malformed JSON',
    detail: 'The body must be one UTF-8 JSON object in which no key occurs twice.',
  },
  invalid_code: {
    status: 400,
    title: 'Invalid code or link',
    detail: 'The code or link is wrong, used, expired, replaced by a newer one, or made for somebody else.',
  },
  invalid_ticket: {
    status: 400,
    title: 'Invalid ticket',
    detail:
      'The ticket is expired, used, or made void by a change of the password or of the second factors. Begin again.',
  },
  invalid_credentials: {
    status: 401,
    title: 'Invalid credentials',
    detail: 'The email address or the password is wrong.',
  },
  invalid_passkey: {
    status: 401,
    title: 'Invalid passkey',
    detail:
      'The passkey is unknown, was removed, or its answer does not fit. Ask for it again, or log in in another way.',
  },
  invalid_token: {
    status: 401,
    title: 'Invalid access token',
    detail: 'The access token is missing, expired or revoked.',
  },
  invalid_refresh_token: {
    status: 401,
    title: 'Invalid refresh token',
    detail: 'The refresh token is expired, revoked or not one of ours.',
  },
  invalid_signature: {
    status: 401,
    title: 'Invalid signature',
    detail: 'The webhook is not signed with our secret, or was signed more than five minutes ago.',
  },
  email_not_verified: {
    status: 403,
    title: 'Email address not verified',
    detail: 'Prove the address first: send the id of this sign-up and the mailed code to verify-email.',
  },
  wrong_password: {
    status: 403,
    title: 'Wrong password',
    detail: 'The current password is wrong. The session continues: ask for the password again.',
  },
  wrong_second_factor: {
    status: 403,
    title: 'Wrong second factor',
    detail: 'The code or the answer of the passkey is wrong, or was used before. Take the next one.',
  },
  second_factor_required: {
    status: 403,
    title: 'Second factor required',
    detail: 'This account has a second factor, and the password alone does not prove who is asking.',
  },
  origin_not_allowed: {
    status: 403,
    title: 'Origin not allowed',
    detail: 'Only web pages of the allowed origins may use this API.',
  },
  cross_site: {
    status: 403,
    title: 'Another site',
    detail:
      'The origin of the page is allowed, but it is another site than this API, and cookies would not come along. ' +
      'Serve both under one registrable domain, or send the tokens in the body.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    detail: 'There is nothing at this path, or nothing that is yours.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    detail: 'The Allow header lists the methods of this path.',
  },
  request_timeout: {
    status: 408,
    title: 'Request timeout',
    detail: 'The body did not arrive in time. Send it again.',
  },
  payload_too_large: { status: 413, title: 'Body too large', detail: 'The body exceeds the size limit.' },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail: 'Send the body as application/json in UTF-8.',
  },
  validation_failed: {
    status: 422,
    title: 'Validation failed',
    detail: 'One or more fields are not valid. The member errors names each of them.',
  },
  password_blocked: {
    status: 422,
    title: 'Password not allowed',
    detail: 'The password is too easy to guess. The member errors says why. Choose another one.',
  },
  login_locked: {
    status: 429,
    title: 'Too many failed logins',
    detail:
      'There were too many failed logins for this address, so the password was not checked. Try again after the ' +
      'seconds in Retry-After, use a device that has logged in before, or reset the password.',
  },
  second_factor_locked: {
    status: 429,
    title: 'Too many wrong codes',
    detail:
      'There were too many wrong codes, so this one was not checked. Try again after the seconds in Retry-After, or ' +
      'use a recovery code or a passkey.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    detail: 'A limit of this route is used up. Try again after the seconds in Retry-After.',
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    detail: 'Something went wrong on our side. Quote the requestId when reporting it.',
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    detail: 'Too many passwords are being checked at once. Try again after the seconds in Retry-After.',
  },
  service_unavailable: {
    status: 503,
    title: 'Service unavailable',
    detail: 'A service that this request needs does not answer. Try again after the seconds in Retry-After.',
  },
} satisfies Record<string, Meaning>;

export type RefusalCode = keyof typeof table;

export const refusals: Record<RefusalCode, Meaning> = table;

/** One field that failed validation. `path` is dotted; `message` never repeats the value. */
export type FieldError = { path: string; message: string };

type Options = {
  /** Why, for events and logs; never sent. */
  reason?: string;
  /** What happened in this case (RFC 9457 section 3.1.4), if the detail of the code says too little. */
  detail?: string;
  /** Further members of the problem document (RFC 9457 section 3.2). */
  members?: { id?: string; errors?: FieldError[]; checks?: Record<string, 'ok' | 'down'> };
  headers?: Record<string, string>;
};

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly reason: string | undefined;
  readonly detail: string;
  readonly members: NonNullable<Options['members']>;
  readonly headers: Record<string, string>;

  constructor(code: RefusalCode, { reason, detail, members = {}, headers = {} }: Options = {}) {
    super(code);
    this.code = code;
    this.reason = reason;
    this.detail = detail ?? refusals[code].detail;
    this.members = members;
    this.headers = headers;
  }
}

/** The access token is valid, but its session has ended. */
export const sessionEnded = (): Refusal => new Refusal('invalid_token', { reason: 'session_ended' });
