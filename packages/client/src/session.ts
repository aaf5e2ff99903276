/**
 * The session of this page: its access token, in memory only, and when that is to be replaced. Pages of one person need
 * no lock between them, for the service gives those that refresh at once the same successor; within a page, what
 * changes the session takes turns, so that no late answer undoes a newer one.
 */
import { Access, type Given } from './access.ts';
import { Alarm } from './alarm.ts';
import type { Carrier } from './carrier.ts';
import { type Moment, msSince, now } from './clock.ts';
import { isHidden, listenOutside, type News, type Outside } from './outside.ts';
import { GatehouseError } from './problem.ts';
import { pauseAfter, twice } from './retry.ts';
import { Known, type Listener, type State, signedIn } from './state.ts';
import { Turns } from './turns.ts';
import type { Send } from './wire.ts';

/** A page where nobody is logged in asks the service again when it wakes, but not more often than this. */
const ASK_AGAIN_MS = 60_000;

export class Session {
  /** For what may change the session. */
  readonly turns: Turns = new Turns();
  readonly #known = new Known();
  /** A hidden page does this when it wakes, or when a call needs it. */
  readonly #alarm = new Alarm(() => isHidden() || this.refresh().catch(() => {}));
  readonly #send: Send;
  readonly #carrier: Carrier;
  readonly #channel: string;
  #outside: Outside | undefined;
  #access: Access | undefined;
  #asked: Moment | undefined;
  /** The last session that another tab has ended. */
  #ended: string | undefined;
  #refreshing: Promise<State> | undefined;
  #failures = 0;
  #disposed = false;

  constructor(send: Send, carrier: Carrier, channel: string) {
    this.#send = send;
    this.#carrier = carrier;
    this.#channel = channel;
  }

  get state(): State {
    return this.#known.state;
  }

  onChange(listener: Listener): () => void {
    this.ready().catch(() => {});
    return this.#known.onChange(listener);
  }

  /** @throws GatehouseError when the state is not known and cannot be asked for now */
  async ready(): Promise<State> {
    this.#listen();
    return this.state.status === 'unknown' ? this.refresh() : this.state;
  }

  /** A token that is good for a while; undefined when nobody is logged in. @throws GatehouseError */
  async token(): Promise<string | undefined> {
    await this.ready();
    if (this.#isDue) {
      await this.refresh().catch((error: unknown) => {
        // It is time for the next token, but this one still works.
        if (!this.#access || this.#access.isOver) throw error;
      });
    }
    return this.#access?.token;
  }

  /** Another token than this one, which was refused. @throws GatehouseError */
  async tokenAfter(refused: string): Promise<string | undefined> {
    if (this.#access?.token === refused) await this.refresh();
    return this.#access?.token;
  }

  /** Asks the service now; calls that come meanwhile wait for the same answer. @throws GatehouseError */
  async refresh(): Promise<State> {
    this.#listen();
    this.#refreshing ??= this.turns
      .take(() => this.#exchange())
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  /** Stores the tokens of an answer; `asked` is the time of its request. */
  async adopt(given: Given, asked: Moment): Promise<State> {
    this.#listen();
    await this.#carrier.keep(given);
    const before = this.#known.sessionId;
    const state = signedIn(given.accessToken);
    // The service answered before the session ended, and the answer arrived after that.
    if (state.sessionId === this.#ended) return this.leave(true);
    this.#access = new Access(given, asked);
    this.#failures = 0;
    this.#alarm.set(this.#access.msUntilDue);
    if (state.sessionId !== before) this.#outside?.tell({ opened: state.sessionId });
    return this.#known.settle(state);
  }

  /** Ends the session at the service, and only then here. @throws GatehouseError */
  end({ forgetDevice = false }: { forgetDevice?: boolean | undefined } = {}): Promise<void> {
    return this.turns.take(async () => {
      const shown = await this.#carrier.session();
      if (shown) await twice(() => this.#send('POST /logout', { ...shown, forgetDevice }));
      await this.#carrier.drop(undefined, forgetDevice);
      this.leave(false);
    });
  }

  /** Forgets the session: nobody is logged in any more. */
  leave(ended: boolean): State {
    const { sessionId } = this.#known;
    if (sessionId !== undefined) this.#outside?.tell({ ended: sessionId });
    return this.#forget(ended);
  }

  dispose(): void {
    this.#disposed = true;
    this.#alarm.clear();
    this.#outside?.close();
    this.#known.forgetListeners();
    this.#access = undefined;
  }

  #exchange(): Promise<State> {
    return twice(() => this.#ask()).catch((error: GatehouseError) => {
      this.#failed(error);
      throw error;
    });
  }

  async #ask(): Promise<State> {
    const asked = now();
    this.#asked = asked;
    const shown = await this.#carrier.session();
    const wasIn = this.#known.sessionId !== undefined;
    if (shown === undefined) return this.leave(wasIn);
    try {
      const given = await this.#send('POST /refresh', shown);
      return 'session' in given ? this.leave(wasIn) : await this.adopt(given, asked);
    } catch (error) {
      if (!(error instanceof GatehouseError) || error.code !== 'invalid_refresh_token') throw error;
      await this.#carrier.drop(shown);
      // Another page with the same store has logged in meanwhile.
      if (shown.refreshToken && (await this.#carrier.session())) return this.#ask();
      return this.leave(true);
    }
  }

  /** Temporary failures are tried again, later each time; a person who is logged in stays logged in. */
  #failed(error: GatehouseError): void {
    if (this.#disposed) return;
    if (this.state.status === 'unknown') this.#known.settle({ status: 'unknown', error });
    const pause = pauseAfter(error, this.#failures++);
    if (pause !== undefined) this.#alarm.set(pause);
  }

  get #isDue(): boolean {
    return this.#access !== undefined && this.#access.msUntilDue <= 0;
  }

  #wake(): void {
    const isOld = this.#asked === undefined || msSince(this.#asked) >= ASK_AGAIN_MS;
    const isStale = this.#known.sessionId ? this.#isDue : isOld;
    if (isStale || this.#failures > 0) this.refresh().catch(() => {});
  }

  #hear(news: News): void {
    if ('ended' in news) {
      this.#ended = news.ended;
      if (news.ended === this.#known.sessionId) this.#forget(true);
    } else {
      // A request that is running may have been sent before this news: its turn comes first.
      void this.turns.over().then(() => {
        if (news.opened !== this.#known.sessionId) this.refresh().catch(() => {});
      });
    }
  }

  #listen(): void {
    if (this.#disposed) throw new Error('This client was disposed.');
    this.#outside ??= listenOutside(this.#channel, {
      hear: (news) => this.#hear(news),
      wake: () => this.#wake(),
    });
  }

  #forget(ended: boolean): State {
    this.#alarm.clear();
    this.#access = undefined;
    this.#failures = 0;
    return this.#known.settle({ status: 'signedOut', ended });
  }
}
