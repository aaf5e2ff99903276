/** Who is logged in, as far as this page knows, and the listeners. */
import type { GatehouseError } from './problem.ts';

export type State =
  /** Not known yet; `error` says why, when the service could not be reached. */
  | { readonly status: 'unknown'; readonly error?: GatehouseError }
  /** `ended`: there was a session, and something other than a logout on this page ended it. */
  | { readonly status: 'signedOut'; readonly ended: boolean }
  | { readonly status: 'signedIn'; readonly userId: string; readonly sessionId: string };

export type Listener = (state: State) => void;

const UNASKED: State = { status: 'unknown' };

export class Known {
  #state: State = UNASKED;
  readonly #listeners = new Set<Listener>();

  get state(): State {
    return this.#state;
  }

  get sessionId(): string | undefined {
    return this.#state.status === 'signedIn' ? this.#state.sessionId : undefined;
  }

  /** Calls the listener with the state once it is known, and at each change. */
  onChange(listener: Listener): () => void {
    // The same listener may be added twice.
    const own: Listener = (state) => listener(state);
    this.#listeners.add(own);
    if (this.#state !== UNASKED) this.#tell(own, this.#state);
    return () => this.#listeners.delete(own);
  }

  settle(state: State): State {
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return this.#state;
    this.#state = state;
    for (const listener of this.#listeners) this.#tell(listener, state);
    return state;
  }

  forgetListeners(): void {
    this.#listeners.clear();
  }

  /** After the change, so that a listener may call anything and blocks nobody. A state that is already over is skipped. */
  #tell(listener: Listener, state: State): void {
    queueMicrotask(() => {
      if (this.#listeners.has(listener) && state === this.#state) listener(state);
    });
  }
}

/** The claims of an access token. They are read and not verified; the services that receive the token verify it. */
export function signedIn(accessToken: string): State & { status: 'signedIn' } {
  const [, payload = ''] = accessToken.split('.');
  const { sub, sid } = JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/'))) as Record<
    'sub' | 'sid',
    string
  >;
  return { status: 'signedIn', userId: sub, sessionId: sid };
}
