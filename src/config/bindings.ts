/** The bindings of a Worker that are not text: queues, data sets, counters and files. */
import type { EdgeLimitName, edgeLimits } from './limits.ts';

/** What the mail queue carries: the id of an outbox row and nothing else. */
export type MailJob = { id: string };

/** The counters that wrangler.toml binds. Outside of Cloudflare there are none. */
export type EdgeBindings = { [N in (typeof edgeLimits)[EdgeLimitName]['binding']]?: RateLimit };

export type ApiBindings = EdgeBindings & {
  MAIL_QUEUE: Queue<MailJob>;
  METRICS?: AnalyticsEngineDataset;
  /** The files that dev/assets.ts has collected. */
  ASSETS: Fetcher;
};

/** The jobs Worker sends to the same queue: mail that the sweep found, and mail that must wait. */
export type JobsBindings = { MAIL_QUEUE: Queue<MailJob>; METRICS?: AnalyticsEngineDataset };
