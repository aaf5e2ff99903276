/**
 * Sentry, for what nobody foresaw. It is told class, SQLSTATE, frames and a few tags: no message, no request, no
 * person. It can be down or slow without anyone waiting for it: what it answers is dropped.
 */
import { Toucan } from 'toucan-js';
import type { Fault } from '../lib/fault.ts';

type Tags = { requestId?: string; route?: string; queue?: string };

export type Reporter = { report(fault: Fault, tags: Tags): void };

type Settings = { sentryDsn?: string | undefined; environment: string; name: string };

const TIMEOUT_MS = 2_000;

/** `after` is the `waitUntil` of what is being handled. Without a DSN nothing is reported. */
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
        // The default ones add the request's address and headers and the messages of causes.
        defaultIntegrations: false,
        transportOptions: { fetcher: unwaited },
      });
      sentry.setTags({ worker: name, ...tags });
      sentry.captureException(asError(fault));
    },
  };
}

function asError({ error, cause, sqlState, frames }: Fault): Error {
  const told = new Error([cause, sqlState].filter(Boolean).join(' '));
  told.name = error;
  told.stack = [`${error}: ${told.message}`, ...frames.map((frame) => `    ${frame}`)].join('\n');
  return told;
}

const unwaited: typeof fetch = (input, init) =>
  fetch(input, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
    () => new Response(null, { status: 503 }),
  );
