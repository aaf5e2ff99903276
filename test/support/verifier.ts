/** A service that only verifies tokens, in front of a Gatehouse under test: its clock, and what it asks for, in a test's hands. */
import { createVerifier, type Options, VerifyError } from '../../packages/verify/src/index.ts';
import type { Gatehouse } from './gatehouse.ts';

export function startVerifier(gatehouse: Gatehouse, options: Partial<Options> = {}) {
  const asked: string[] = [];
  const reports: string[] = [];
  const after: Promise<unknown>[] = [];
  let answer: (url: string, signal: AbortSignal) => Promise<Response> = (url) =>
    gatehouse.fetch(new Request(url));
  const verifier = createVerifier({
    issuer: gatehouse.config.issuer,
    audience: gatehouse.config.audience,
    now: () => gatehouse.clock.now().getTime(),
    report: ({ message }) => reports.push(message),
    fetch: (url, { signal }) => {
      asked.push(new URL(url).pathname);
      return answer(url, signal);
    },
    ...options,
  });

  /** `ok`, or the code of the refusal. What is loaded beside the request has arrived when it is answered. */
  async function judge(token: string): Promise<string> {
    try {
      await verifier.verify(token, (work) => after.push(work));
      return 'ok';
    } catch (error) {
      if (error instanceof VerifyError) return error.code;
      throw error;
    } finally {
      await Promise.all(after.splice(0));
    }
  }

  return {
    verifier,
    judge,
    reports,
    /** The paths that were asked for since the last look. */
    asks: () => asked.splice(0),
    /** From now on Gatehouse is answered for by this; without it by itself. */
    stand(by?: typeof answer) {
      answer = by ?? ((url) => gatehouse.fetch(new Request(url)));
    },
  };
}

export const down = async (): Promise<Response> => {
  throw new TypeError('connection refused');
};
