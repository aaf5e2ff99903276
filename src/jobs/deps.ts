/** What the jobs use. Only types: index.ts has the implementations. */
import type { MailJob } from '../config/bindings.ts';
import type { JobsConfig } from '../config/read.ts';
import type { Mailer } from '../ports/mailer.ts';
import type { Db } from '../store/db.ts';
import type { JobsEvent } from './report.ts';

export type JobsDeps = {
  config: JobsConfig;
  db: Db;
  mailer: Mailer;
  mailQueue: {
    /** Never fails: the sweep finds a mail whose message is missing. */
    send(job: MailJob, options: { delaySeconds: number }): Promise<unknown>;
    sendBatch(jobs: { body: MailJob }[]): Promise<unknown>;
  };
  now(): Date;
  report(event: JobsEvent): void;
};
