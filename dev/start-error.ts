/**
 * A fault the developer can put right. Its message is one whole sentence that says what to do, and it is
 * shown without a stack; anything else that is thrown is a bug of ours and keeps its stack.
 */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export function explain(error: unknown): string {
  if (error instanceof StartError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What a caught value says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
