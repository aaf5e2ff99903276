/** How Gatehouse says no: a problem document (RFC 9457), or no answer at all. */

/** A failure that the service named. Branch on `code`; docs/errors.md says what each asks of you. */
export class GatehouseError extends Error {
  override readonly name = 'GatehouseError';
  readonly code: string;

  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }
}
