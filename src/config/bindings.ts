/** What a Worker is given besides text: queues, data sets, counters and files. */
import type { EdgeLimitName, edgeLimits } from './limits.ts';

/** What the mail queue carries: the id of an outbox row and nothing else. */
export type MailJob = { id: string };

/** The counters that wrangler.toml binds; none outside Cloudflare. */
export type EdgeBindings = { [N in (typeof edgeLimits)[EdgeLimitName]['binding']]?: RateLimit };

export type ApiBindings = EdgeBindings & {
  MAIL_QUEUE: Queue<MailJob>;
  METRICS?: AnalyticsEngineDataset;
  /** What dev/assets.ts has gathered. */
  ASSETS: Fetcher;
};

/** The jobs Worker rings the same queue: for what the sweep found, and for what must wait. */
export type JobsBindings = { MAIL_QUEUE: Queue<MailJob>; METRICS?: AnalyticsEngineDataset };
