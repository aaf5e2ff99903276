/** The client of Gatehouse: one object for a page or an app. It sends no request before it is used. */
import { type Account, accountCalls } from './account.ts';
import { authorized } from './authorized.ts';
import { bodies, cookies, type Store } from './carrier.ts';
import { now } from './clock.ts';
import type {
  EventKind,
  Export,
  MailKind,
  Operations,
  SecurityEvent,
  Session as SessionInfo,
  User,
} from './contract.ts';
import { fetchWith } from './fetch.ts';
import { partsOf } from './parts.ts';
import { type ClientCode, type Code, type CodeOf, type FieldError, GatehouseError } from './problem.ts';
import { Session } from './session.ts';
import { begunSignUp, type Proof, type SignUp, signUpCalls } from './sign-up.ts';
import type { State } from './state.ts';
import { type Input, sender } from './wire.ts';

export type Options = {
  /** Where Gatehouse is: `https://auth.example.com`. */
  url: string;
  /** Origins besides the page's own and Gatehouse's that `fetch` may show the access token to. */
  apis?: readonly string[];
  /** For apps without cookies: refresh and device token travel in bodies and are kept here. */
  store?: Store;
  /** Another `fetch` than that of the platform. */
  fetch?: typeof fetch;
};

export type Gatehouse = SignUp & {
  /** What is known now; never changed in place. */
  readonly state: State;
  /** Calls the listener with the state once it is known, and at each change. Returns a function that stops it. */
  onChange(listener: (state: State) => void): () => void;
  /** The state; asks the service if it is not known. @throws GatehouseError */
  ready(): Promise<State>;
  /** Gets a new access token now. Rarely needed: tokens are replaced in time automatically. @throws GatehouseError */
  refresh(): Promise<State>;
  /**
   * `fetch` with the access token, if somebody is logged in: replaced before it expires, and once when the API answers
   * 401. @throws GatehouseError when it gets no token; TypeError for an origin that was not named.
   */
  fetch: typeof fetch;
  /**
   * @throws GatehouseError. `email_not_verified` is remembered like a sign-up: continue with `verify`.
   * `second_factor_required` has a `challenge`: go on with `factorsOf(...)` of `@gatehouse/client/factors`.
   */
  logIn(input: { email: string; password: string }): Promise<User>;
  /** `forgetDevice`: on somebody else's computer. @throws GatehouseError when the session could not be ended. */
  logOut(input?: { forgetDevice?: boolean }): Promise<void>;
  /** Ends every session of the person, this one last. @throws GatehouseError */
  logOutEverywhere(): Promise<void>;
  /** Mails a link, if the address has an account. @throws GatehouseError */
  forgotPassword(input: { email: string }): Promise<void>;
  /** `token` is that of the mailed link. Ends every session; then log in. @throws GatehouseError */
  resetPassword(input: Input<'POST /reset-password'>): Promise<void>;
  readonly account: Account;
  /** Stops timers, requests and listening. The person stays logged in. */
  dispose(): void;
};

export function createGatehouse({ url: base, apis = [], store, fetch: given }: Options): Gatehouse {
  const url = base.replace(/\/+$/, '');
  const request: typeof fetch = (input, init) => (given ?? globalThis.fetch)(input, init);
  const stop = new AbortController();
  const send = sender({ url, fetch: request, withCookies: store === undefined, signal: stop.signal });
  const carrier = store ? bodies(store) : cookies;
  const session = new Session(send, carrier, `gatehouse ${url}`);
  const own = authorized(send, session);
  const account = accountCalls(send, session, own);
  const begun = begunSignUp(`gatehouse.sign-up ${url}`);

  const gatehouse: Gatehouse = {
    get state() {
      return session.state;
    },
    onChange: (listener) => session.onChange(listener),
    ready: () => session.ready(),
    refresh: () => session.refresh(),
    fetch: fetchWith(session, request, [url, ...apis]),
    ...signUpCalls(send, begun),
    logIn: (input) =>
      session.turns.take(async () => {
        const asked = now();
        try {
          const given = await send('POST /login', { ...input, ...(await carrier.device()) });
          if ('ticket' in given) throw new GatehouseError('second_factor_required', { challenge: given });
          const { user, ...tokens } = given;
          await session.adopt(tokens, asked);
          return user;
        } catch (error) {
          if (error instanceof GatehouseError && error.id) begun.remember(error.id);
          throw error;
        }
      }),
    logOut: (input) => session.end(input),
    async logOutEverywhere() {
      await account.endOtherSessions();
      await session.end();
    },
    async forgotPassword(input) {
      await send('POST /forgot-password', { ...input, ...(await carrier.device()) });
    },
    async resetPassword(input) {
      await send('POST /reset-password', input);
    },
    account,
    dispose() {
      stop.abort();
      session.dispose();
    },
  };
  partsOf.set(gatehouse, { send, session, carrier, own });
  return gatehouse;
}

/** The token of the mailed link that led to this page, taken out of the address bar. */
export function linkToken(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? undefined;
  if (token !== undefined) history.replaceState(history.state, '', location.pathname + location.search);
  return token;
}

export type {
  Account,
  ClientCode,
  Code,
  CodeOf,
  EventKind,
  Export,
  FieldError,
  MailKind,
  Operations,
  Proof,
  SecurityEvent,
  SessionInfo,
  State,
  Store,
  User,
};
export { GatehouseError };
