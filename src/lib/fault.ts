/**
 * What may be recorded about an unexpected error: class, SQLSTATE and stack frames. Never its message: a database
 * error quotes the statement and its parameters, and any other error may quote input.
 */

export type Fault = { error: string; cause?: string; sqlState?: string; frames: string[] };

/** An error that we throw when something impossible has happened. Its name may be recorded. */
export class OwnFault extends Error {
  constructor(name: 'MailKeyNotConfigured' | 'MailWithoutRecipient' | 'TryNotCounted', message: string) {
    super(message);
    this.name = name;
  }
}

const MAX_FRAMES = 8;
const SQL_STATE = /^[0-9A-Z]{5}$/;
const CLASS_NAME = /^\w{1,60}$/;

export function faultOf(thrown: unknown): Fault {
  const error = thrown instanceof Error ? thrown : new Error();
  const cause = error.cause instanceof Error ? error.cause : undefined;
  const sqlState = [error, cause].map(codeOf).find((code) => SQL_STATE.test(code));
  return {
    error: nameOf(error),
    ...(cause && { cause: nameOf(cause) }),
    ...(sqlState && { sqlState }),
    frames: framesOf(error),
  };
}

const codeOf = (error: Error | undefined) => String((error as { code?: unknown } | undefined)?.code ?? '');

const nameOf = ({ name }: Error) => (CLASS_NAME.test(name) ? name : 'Error');

/**
 * The stack begins with the message, which may contain lines that look like frames. So the whole message is cut off.
 */
function framesOf({ stack = '', message }: Error): string[] {
  const start = stack.indexOf(message);
  return stack
    .slice(start === -1 ? stack.length : start + message.length)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, MAX_FRAMES)
    .map((line) => line.trim());
}
