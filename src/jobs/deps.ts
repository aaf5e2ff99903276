/** What the jobs use. Types only: index.ts is where implementations meet. */
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
    /** Never fails: the sweep rings for what was not rung for. */
    send(job: MailJob, options: { delaySeconds: number }): Promise<unknown>;
    sendBatch(jobs: { body: MailJob }[]): Promise<unknown>;
  };
  now(): Date;
  report(event: JobsEvent): void;
};
