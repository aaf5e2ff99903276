/**
 * A mail provider that fails on request: for the next n sends or a share of them, for everyone or for one address. The
 * chance comes from a seed, so a run can be repeated. Every attempt is recorded.
 */
import { z } from 'zod';

const faultKinds = ['429', '500', 'timeout', 'slow', 'refused', 'drop', 'down'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** The next `next` sends fail, or each with the probability `rate`; `to` limits it to one address. */
export const faultOrder = z.strictObject({
  kind: z.enum(faultKinds),
  next: z.int().min(1).max(1_000_000).optional(),
  rate: z.number().min(0).max(1).default(1),
  seed: z.int().default(1),
  to: z.string().optional(),
  /** The Retry-After of a 429. */
  retryAfterSeconds: z.int().min(0).default(1),
  /** How long a slow provider takes to answer. */
  slowSeconds: z.int().min(1).max(60).default(10),
});
export type FaultOrder = z.infer<typeof faultOrder>;

export type Attempt = {
  at: string;
  to: string;
  idempotencyKey: string | null;
  /** `accepted`, `repeated` (the key was known), the fault that it met, or the name of the refusal. */
  outcome: string;
};

type Active = FaultOrder & { draw: () => number };

const MAX_ATTEMPTS_KEPT = 20_000;

export class MailboxFaults {
  #orders: Active[] = [];
  #attempts: Attempt[] = [];

  /** Replaces an earlier order for the same address. */
  order(order: FaultOrder): void {
    this.clear(order.to);
    this.#orders.push({ ...order, draw: seeded(order.seed) });
  }

  clear(to?: string): void {
    this.#orders = this.#orders.filter((order) => order.to !== to);
  }

  orders(): FaultOrder[] {
    return this.#orders.map(({ draw: _, ...order }) => order);
  }

  /** The fault that a send to `to` meets, if any. */
  faultFor(to: string): FaultOrder | undefined {
    const order =
      this.#orders.find((one) => one.to === to) ?? this.#orders.find((one) => one.to === undefined);
    if (!order || order.draw() >= order.rate) return undefined;
    if (order.next !== undefined && --order.next < 1)
      this.#orders = this.#orders.filter((one) => one !== order);
    return order;
  }

  record(attempt: Omit<Attempt, 'at'>): void {
    this.#attempts.push({ at: new Date().toISOString(), ...attempt });
    if (this.#attempts.length > MAX_ATTEMPTS_KEPT) this.#attempts.shift();
  }

  /** Newest first. */
  attempts(to?: string): Attempt[] {
    return this.#attempts.filter((attempt) => to === undefined || attempt.to === to).reverse();
  }
}

/** Mulberry32: small, and the same numbers for the same seed everywhere. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  };
}
