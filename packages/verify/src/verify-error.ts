/** How a token is refused. The caller sees the code; the reason is for your log. */

export type VerifyCode = 'invalid_token' | 'login_too_old' | 'second_factor_required' | 'service_unavailable';

const answers: Record<VerifyCode, { status: 401 | 503; title: string; challenge?: string }> = {
  invalid_token: { status: 401, title: 'Invalid access token', challenge: 'error="invalid_token"' },
  login_too_old: {
    status: 401,
    title: 'Log in again',
    challenge: 'error="insufficient_user_authentication", error_description="a more recent login is needed"',
  },
  second_factor_required: {
    status: 401,
    title: 'Second factor required',
    challenge: 'error="insufficient_user_authentication", error_description="a second factor is needed"',
  },
  service_unavailable: { status: 503, title: 'Service unavailable' },
};

export class VerifyError extends Error {
  override readonly name = 'VerifyError';
  readonly code: VerifyCode;
  /** Contains nothing of the token itself. */
  readonly reason: string;
  private readonly parameters: string;

  /** `parameters` are added to the challenge: `, max_age="300"`. */
  constructor(code: VerifyCode, reason: string, parameters = '') {
    super(`${code}: ${reason}`);
    this.code = code;
    this.reason = reason;
    this.parameters = parameters;
  }

  /** A problem document (RFC 9457) like Gatehouse's own, with the challenge of RFC 6750 and RFC 9470. */
  toResponse(): Response {
    const { status, title, challenge } = answers[this.code];
    const body = { type: `urn:gatehouse:problem:${this.code}`, title, status, code: this.code };
    return new Response(JSON.stringify(body), {
      status,
      headers: {
        'Content-Type': 'application/problem+json; charset=utf-8',
        'Cache-Control': 'no-store',
        ...(challenge
          ? { 'WWW-Authenticate': `Bearer ${challenge}${this.parameters}` }
          : { 'Retry-After': '4' }),
      },
    });
  }
}
