/** What is billed, in dollars, and what a call and a month come to. */
const MILLION = 1e6;

/** One call: its trips, how many of them wait for the one before, what is billed by the piece, and CPU. */
export type Cost = {
  postgres: number;
  redis: number;
  inARow: number;
  /** Commands of all trips to Redis. */
  commands: number;
  /** Messages given to the queue. */
  queued: number;
  cpuMs: number;
};
/** By endpoint. */
export type Costs = Record<string, Cost>;

/** List prices as read on that day. */
export const PRICES_READ = 'the second half of 2026';

/** `each` is the price of a million beyond the `included` ones of a month. */
export const workers = {
  month: 5,
  requests: { included: 10 * MILLION, each: 0.3 },
  cpuMs: { included: 30 * MILLION, each: 0.02 },
};
/** A message is written, read and acknowledged. */
export const queues = { included: MILLION, each: 0.4, operationsOfMessage: 3 };
/** Upstash. */
export const redis = { each: 2 };
/** Launch, awake all month. */
export const neon = { computeHour: 0.106, gigabyteMonth: 0.35, hours: 730 };
/** Resend: a plan for so many, and what a million more may come to. */
export const mail = { month: 20, included: 50_000, least: 400, most: 900 };

/** A million calls of an endpoint, beyond what is included, without the database and without mail. */
export function millionCalls({ cpuMs, commands, queued }: Pick<Cost, 'cpuMs' | 'commands' | 'queued'>) {
  const dollars = {
    requests: workers.requests.each,
    cpu: cpuMs * workers.cpuMs.each,
    redis: commands * redis.each,
    queue: queued * queues.operationsOfMessage * queues.each,
  };
  return { ...dollars, all: dollars.requests + dollars.cpu + dollars.redis + dollars.queue };
}

/** What all people together do in a month, and what of the database they need. */
export type Month = {
  requests: number;
  cpuMs: number;
  commands: number;
  messages: number;
  computeUnits: number;
  gigabytes: number;
};

export function monthly({ requests, cpuMs, commands, messages, computeUnits, gigabytes }: Month) {
  const beyond = (count: number, { included, each }: { included: number; each: number }) =>
    (Math.max(count - included, 0) / MILLION) * each;
  const mailAt = (each: number) => mail.month + beyond(messages, { included: mail.included, each });
  const dollars = {
    workers: workers.month + beyond(requests, workers.requests) + beyond(cpuMs, workers.cpuMs),
    redis: (commands / MILLION) * redis.each,
    queue: beyond(messages * queues.operationsOfMessage, queues),
    neon: computeUnits * neon.hours * neon.computeHour + gigabytes * neon.gigabyteMonth,
  };
  const besides = dollars.workers + dollars.redis + dollars.queue + dollars.neon;
  return { ...dollars, besides, mail: [mailAt(mail.least), mailAt(mail.most)] as [number, number] };
}
