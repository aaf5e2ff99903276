/** An access token, in memory only, and its age. */
import { type Moment, msSince } from './clock.ts';
import type { Data } from './wire.ts';

/** What every answer with tokens has. */
export type Given = Exclude<Data<'POST /refresh'>, { session: null }> & { deviceToken?: string | undefined };

export class Access {
  readonly token: string;
  readonly #since: Moment;
  readonly #lifeMs: number;
  readonly #dueMs: number;

  /** `asked` is the time of its request: its life is counted from there. */
  constructor({ accessToken, expiresIn }: Given, asked: Moment) {
    this.token = accessToken;
    this.#since = asked;
    this.#lifeMs = expiresIn * 1_000;
    // At about nine tenths of its life, so that it is replaced before it is needed, but not on all pages at once.
    this.#dueMs = this.#lifeMs * (0.85 + Math.random() * 0.1);
  }

  get msUntilDue(): number {
    return this.#dueMs - msSince(this.#since);
  }

  get isOver(): boolean {
    return msSince(this.#since) >= this.#lifeMs;
  }
}
