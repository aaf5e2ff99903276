/** How Gatehouse says no: a problem document (RFC 9457), or no answer at all. */
import type { Operations, SecondFactorOwed } from './contract.ts';

/** One field that was not acceptable. */
export type FieldError = { path: string; message: string };

/** The codes that an operation is refused with: `CodeOf<'POST /login'>`. */
export type CodeOf<N extends keyof Operations> = Operations[N]['code'];

/**
 * What only this client says. `no_answer`: the service was not reached, or its answer got lost. `signed_out`: nobody is
 * logged in. `sign_up_unknown`: this browser does not know which sign-up is meant; prove it by link and password.
 * `passkey_not_used`: the person closed the dialog, or the browser has no passkey.
 */
export type ClientCode = 'no_answer' | 'signed_out' | 'sign_up_unknown' | 'passkey_not_used';

/** The closed list of codes. What to do on each: docs/integrate.md. */
export type Code = CodeOf<keyof Operations> | ClientCode;

type Details = {
  detail?: string;
  requestId?: string;
  errors?: FieldError[];
  id?: string;
  challenge?: SecondFactorOwed;
  status?: number;
  retryAfter?: number | undefined;
  cause?: unknown;
};

export class GatehouseError extends Error {
  override readonly name: string = 'GatehouseError';
  readonly code: Code;
  /** The status of the answer; 0 if there is none. */
  readonly status: number;
  /** The fields that were refused, with `validation_failed` and `password_blocked`. */
  readonly errors: readonly FieldError[];
  /** Seconds to wait before the next try. */
  readonly retryAfter: number | undefined;
  /** The sign-up to go on with, with `email_not_verified`. */
  readonly id: string | undefined;
  /** The ticket to go on with, and what can be proven, with `second_factor_required` of a login. */
  readonly challenge: SecondFactorOwed | undefined;
  /** Quote it in a report. */
  readonly requestId: string | undefined;

  constructor(
    code: Code,
    { detail, status = 0, errors = [], retryAfter, id, challenge, requestId, cause }: Details = {},
  ) {
    super(detail ?? code, { cause });
    this.code = code;
    this.status = status;
    this.errors = errors;
    this.retryAfter = retryAfter;
    this.id = id;
    this.challenge = challenge;
    this.requestId = requestId;
  }
}

/** Reads an answer that is no success. If it is not Gatehouse's (a proxy's page, for example), it counts as no answer. */
export async function problemOf(response: Response): Promise<GatehouseError> {
  const body = (await response.json().catch(() => undefined)) as (Details & { code?: Code }) | undefined;
  const seconds = Number(response.headers.get('Retry-After') || undefined);
  return new GatehouseError(body?.code ?? 'no_answer', {
    ...body,
    status: response.status,
    retryAfter: Number.isNaN(seconds) ? undefined : seconds,
  });
}
