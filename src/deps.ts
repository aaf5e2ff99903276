/** What a flow may use. Only types: wiring.ts has the implementations. */
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
  /** For `after`: it has a time limit of its own, however long the request has waited for the database. */
  dbAfter: Db;
  passwords: Passwords;
  mailQueue: MailQueue;
  reporter: Reporter;
  /** Counts globally, with a trip to Redis. */
  limiter: Limiter;
  /** Counts at the edge, without a trip. */
  edge: EdgeLimiter;
  breaches: Breaches;
  /** Logs that the request goes on without a dependency. */
  degraded: Degraded;
  now(): Date;
  /** Lets `work` finish after the answer has been sent, also when the client has hung up. */
  after(work: Promise<unknown>): void;
};

/** Password hashing, one at a time. Every method throws the refusal `overloaded` when too many are waiting. */
export type Passwords = Hashing & {
  /**
   * Takes a place in the queue before the trips that say what to hash. So a request that finds the queue full has made
   * no trip. The place must be left in every case.
   */
  enter(): Hashing & { leave(): void };
};

type Hashing = {
  /** A new record. */
  hash(password: string, address: string): Promise<string>;
  /**
   * Compares a password with the records of an address: one scrypt for each configured cost and one hash for
   * each listed format of imported people, whatever the records are.
   */
  match(password: string, address: string, records: readonly string[]): Promise<Omit<Match, 'unreadable'>>;
};

/** The Cloudflare Queue, as a flow uses it. */
type MailQueue = { send(job: MailJob): Promise<unknown> };
