/**
 * The real app on the real Postgres, with a clock that stands still until it is moved, and what its clients and
 * mailboxes hold. Mail is delivered when a history says so, by the real jobs; the provider is a list.
 */

import type { JobsDeps } from '../../src/jobs/deps.ts';
import type { MailKind } from '../../src/store/mail-kinds.ts';
import type { Answer, Gatehouse } from '../support/gatehouse.ts';
import { type HeldFactors, noFactors } from './held-factors.ts';
import { accountOf, type Expected, type Model } from './model.ts';
import { sharedApp } from './shared-app.ts';

/** One request, and its expected result. Ids of the model are made before it is sent. */
export type Command = {
  send(): Promise<Answer>;
  /** Answers that need no trip to the database, so they come also while it is down. */
  offline?(m: Model): Expected | undefined;
  /** For a request that a used-up limit refuses: the tries that it counted meanwhile, and undid. */
  refused?: { counted?(m: Model): Trips };
  /** The rules. With two trips to the database it yields between them, where another request may come. */
  judge(m: Model): Expected | Trips;
  /** For a success: what else must be right besides the status. */
  outcome?(answer: Answer): string | undefined;
  /** The real ids that a success has made; only the checks know them. */
  learn?(answer: Answer): void;
  /** What the client remembers, unless the answer was lost. */
  keep?(answer: Answer): void;
};

/** Yields the state when the second trip fails, or seems to fail. */
export type Trips = Generator<((m: Model) => void) | undefined, Expected>;

/** Its id also names its results. */
export type Call = Command & { id: string };

/** The claims of a device token; `token` is the token itself. */
export type KnownDevice = {
  token: string;
  device: string;
  account: string;
  version: number;
  /** It is not asked for a second factor, while the factors are those of that time. */
  trust: { epoch: number; until: number } | undefined;
};

export type RefreshToken = { token: string; generation: number; secret: string };

/** A session as its client holds it, and those who copied its tokens. */
export type Held = {
  id: string;
  account: string;
  from: number;
  transport: 'body' | 'cookie';
  tokens: RefreshToken[];
  /** The successor in an answer that never arrived. */
  withheld: RefreshToken | undefined;
  access: string;
  accessEndsAt: number;
  known: KnownDevice | undefined;
};

type HeldSignup = { id: string; from: number; email: string; password: string };

/** `mail` is its id in the model, `row` in the outbox; `about` that of the sign-up, link or change it carries a secret of. */
export type Letter = {
  mail: string;
  row: string;
  kind: MailKind;
  to: string;
  about: string;
  code: string | undefined;
  token: string | undefined;
};

export type World = {
  gatehouse: Gatehouse;
  jobs: JobsDeps;
  clock: { now(): Date; travel(milliseconds: number): void };
  /** The addresses of this history: Ada's, Ada's with a tag, Ada's other one, Mallory's. */
  addresses: string[];
  letters: Letter[];
  /** The mails that the provider has got, by idempotency key. It sends each once, however often it gets it. */
  provider: Map<string, { text: string; to: string; isSame: boolean }>;
  isMailStopped: boolean;
  /** The provider accepts each mail, and its first answer is lost. */
  isMailFaltering: boolean;
  sessions: Held[];
  signups: HeldSignup[];
  /** By device and address: the token of the last login. */
  known: Map<string, KnownDevice>;
  factors: HeldFactors;
  /** Sessions with a token that a stranger has shown, or with an old token that their own client has shown. */
  tampered: Set<string>;
  /** Limits that are used up (client-limits.ts). */
  usedUp: Set<string>;
  /** Real ids by those of the model. */
  ids: Map<string, string>;
  count: number;
};

export async function newWorld(): Promise<World> {
  const { gatehouse, jobs, clock } = await sharedApp();
  const domain = `h${crypto.randomUUID().replaceAll('-', '')}.example`;
  const world: World = {
    gatehouse,
    jobs: { ...jobs, now: clock.now, mailQueue: { send: async () => {}, sendBatch: async () => {} } },
    clock,
    addresses: ['ada', 'ada+shop', 'countess', 'mallory'].map((name) => `${name}@${domain}`),
    letters: [],
    provider: new Map(),
    isMailStopped: false,
    isMailFaltering: false,
    sessions: [],
    signups: [],
    known: new Map(),
    factors: noFactors(),
    tampered: new Set(),
    usedUp: new Set(),
    ids: new Map(),
    count: 0,
  };
  world.jobs.mailer = {
    async send({ idempotencyKey, text, to }) {
      const before = world.provider.get(idempotencyKey);
      world.provider.set(idempotencyKey, { text, to, isSame: before === undefined || before.text === text });
      if (world.isMailFaltering && before === undefined) return { result: 'retry', failure: 'timeout' };
      return { result: 'sent', providerId: null };
    },
  };
  return world;
}

export const newId = (world: World, what: string): string => `${what} ${world.count++}`;

/** Devices 0 and 1 and their mailboxes are Ada's, 2 and 3 Mallory's. */
export const isAdas = (device: number): boolean => device < 2;
const mailboxesOf = (world: World, device: number): string[] =>
  isAdas(device) ? world.addresses.slice(0, 3) : world.addresses.slice(3);

/** The mails of these kinds in the mailboxes of the person who has the device, newest first. */
export const lettersOf = (world: World, device: number, kinds: MailKind[]): Letter[] =>
  world.letters
    .filter(({ kind, to }) => kinds.includes(kind) && mailboxesOf(world, device).includes(to))
    .reverse();

/** The element at `index`, starting again at the end; undefined if there is none. */
export const pick = <T>(list: readonly T[], index: number): T | undefined => list[index % list.length];

/** The model's id for a real id. */
export const modelId = (world: World, real: string | undefined): string | undefined =>
  [...world.ids].find(([, id]) => id === real)?.[0];

/** The device has logged in to the account of the address, with the current password. */
export function isDeviceOf(m: Model, email: string, shown: KnownDevice | undefined): boolean {
  const account = accountOf(m, email);
  return account !== undefined && shown?.account === account.id && shown.version === account.version;
}
