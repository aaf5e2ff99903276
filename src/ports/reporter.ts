/**
 * Reports unexpected errors to Sentry: class, SQLSTATE, frames and a few tags. No message, no request, no person.
 * Nobody waits for Sentry, and its answer is dropped.
 */
import { Toucan } from 'toucan-js';
import type { Fault } from '../lib/fault.ts';

type Tags = { requestId?: string; route?: string; queue?: string };

export type Reporter = { report(fault: Fault, tags: Tags): void };

type Settings = { sentryDsn?: string | undefined; environment: string; name: string };

const TIMEOUT_MS = 2_000;

/** `after` is the `waitUntil` of the current request or batch. Without a DSN nothing is reported. */
export function sentryReporter(
  { sentryDsn, environment, name }: Settings,
  after: (work: Promise<unknown>) => void,
): Reporter {
  return {
    report(fault, tags) {
      if (sentryDsn === undefined) return;
      const sentry = new Toucan({
        dsn: sentryDsn,
        environment,
        context: { waitUntil: (work) => after(work.catch(() => {})) },
        // The default integrations would add the address and headers of the request, and messages of causes.
        defaultIntegrations: false,
        transportOptions: { fetcher: unwaited },
      });
      sentry.setTags({ worker: name, ...tags });
      sentry.captureException(asError(fault));
    },
  };
}

function asError({ error, cause, sqlState, frames }: Fault): Error {
  const reported = new Error([cause, sqlState].filter(Boolean).join(' '));
  reported.name = error;
  reported.stack = [`${error}: ${reported.message}`, ...frames.map((frame) => `    ${frame}`)].join('\n');
  return reported;
}

const unwaited: typeof fetch = (input, init) =>
  fetch(input, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
    () => new Response(null, { status: 503 }),
  );
