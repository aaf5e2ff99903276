/** What a flow may use. Types only: wiring.ts is where implementations meet. */
import type { MailJob } from './config/bindings.ts';
import type { ApiConfig } from './config/read.ts';
import type { Match } from './lib/password-hash.ts';
import type { Breaches } from './ports/breach.ts';
import type { Degraded } from './ports/degraded.ts';
import type { EdgeLimiter } from './ports/edge-limiter.ts';
import type { Limiter } from './ports/limiter.ts';
import type { Reporter } from './ports/reporter.ts';
import type { Db } from './store/db.ts';

export type Deps = {
  config: ApiConfig;
  db: Db;
  /** For `after`: it has time of its own, however much the request has used up. */
  dbAfter: Db;
  passwords: Passwords;
  mailQueue: MailQueue;
  reporter: Reporter;
  /** Counts globally, by a trip to Redis. */
  limiter: Limiter;
  /** Counts here, without a trip. */
  edge: EdgeLimiter;
  breaches: Breaches;
  /** Says in the log that a dependency is being done without. */
  degraded: Degraded;
  now(): Date;
  /** Lets `work` finish after the answer has been sent (and when the client has hung up). */
  after(work: Promise<unknown>): void;
};

/** Password hashing in turn: every method throws the refusal `overloaded` when too many wait already. */
export type Passwords = Hashing & {
  /**
   * Takes the place of one hash, before the trips that say what to hash: whoever finds the queue full has cost none.
   * It must be left, whatever happens.
   */
  enter(): Hashing & { leave(): void };
};

type Hashing = {
  /** A new record. */
  hash(password: string, address: string): Promise<string>;
  /** Judges a password by the records of an address: one scrypt for each configured cost, whatever the records are. */
  match(password: string, address: string, records: readonly string[]): Promise<Omit<Match, 'unreadable'>>;
};

/** The Cloudflare Queue, as a flow sees it. */
type MailQueue = { send(job: MailJob): Promise<unknown> };
