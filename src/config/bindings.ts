/** What a Worker is given besides text: queues and data sets. */

/** What the mail queue carries: the id of an outbox row and nothing else. */
export type MailJob = { id: string };

export type ApiBindings = { MAIL_QUEUE: Queue<MailJob>; METRICS?: AnalyticsEngineDataset };

/** The jobs Worker rings the same queue: for what the sweep found, and for what must wait. */
export type JobsBindings = { MAIL_QUEUE: Queue<MailJob>; METRICS?: AnalyticsEngineDataset };
