/**
 * What an answer cost, whatever the machine: every hash, statement, row, trip, ring and Redis command, and the length of
 * the answer. What goes on after the answer is in it. One request at a time.
 */
import type { ApiBindings } from '../../src/config/bindings.ts';
import { foreignDigest } from '../../src/lib/foreign-digest.ts';
import type { ForeignDigest } from '../../src/lib/imported-record.ts';
import { nativeScrypt, type Scrypt, type ScryptCost } from '../../src/lib/scrypt.ts';
import { recordedTrips, recordTrips, resetTrips, trips } from './control-client.ts';
import type { Answer } from './gatehouse.ts';
import type { Statement } from './statements.ts';

export type Work = {
  hashes: ScryptCost[];
  /** The format and cost of each hash of another system. */
  foreign: string[];
  /** Trips to Postgres, each with its statements. */
  trips: Statement[][];
  /** Messages put into the mail queue. */
  rings: number;
  /** The names of the Redis commands. */
  redis: string[];
  /** Length of the answer's body. */
  bytes: number;
};

/** Of one app: the bindings and the scrypt to start it with, and what then tells the work of a request. */
export function workMeter(name: string, bindings: ApiBindings) {
  const queue = bindings.MAIL_QUEUE;
  const hashes: ScryptCost[] = [];
  const foreign: string[] = [];
  let rings = 0;
  const loadDigest =
    async (): Promise<ForeignDigest> =>
    (format, ...rest) => {
      foreign.push(format.text);
      return foreignDigest(format, ...rest);
    };
  const scrypt: Scrypt = (password, salt, cost) => {
    hashes.push(cost);
    return nativeScrypt(password, salt, cost);
  };
  const MAIL_QUEUE = {
    send(...message: Parameters<typeof queue.send>) {
      rings += 1;
      return queue.send(...message);
    },
  } as typeof queue;

  async function workOf(ask: () => Promise<Answer>): Promise<{ answer: Answer; work: Work }> {
    await resetTrips(`redis:${name}`);
    await recordTrips(name);
    hashes.length = 0;
    foreign.length = 0;
    rings = 0;
    const answer = await ask();
    const { queries: redis } = await trips(`redis:${name}`);
    const { bytes } = answer;
    const hashed = { hashes: [...hashes], foreign: [...foreign] };
    return { answer, work: { ...hashed, trips: await recordedTrips(name), rings, redis, bytes } };
  }

  /** The cost of each scrypt that `work` makes. */
  async function hashesOf(work: () => Promise<unknown>): Promise<ScryptCost[]> {
    const before = hashes.length;
    await work();
    return hashes.slice(before);
  }

  return { bindings: { ...bindings, MAIL_QUEUE }, scrypt, loadDigest, hashesOf, workOf };
}
