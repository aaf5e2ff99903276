/**
 * A fault that the user of a command can correct. Its message is one sentence that says what to do, and it is printed
 * without a stack. Any other error is a bug of ours and keeps its stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

export function explain(error: unknown): string {
  if (error instanceof UserError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The message of a caught value, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
