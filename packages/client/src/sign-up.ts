/** Signing up and proving the address. The sign-up that this browser began is remembered over a reload and in other tabs. */
import { GatehouseError } from './problem.ts';
import type { Input, Send } from './wire.ts';

/** Without an `id` it is the remembered sign-up. */
export type Proof =
  | { code: string; id?: string }
  | { token: string; id?: string }
  | { token: string; password: string };

export type SignUp = {
  /** The id is remembered, so that `verify` and `resend` need only the code. @throws GatehouseError */
  signUp(input: Input<'POST /signup'>): Promise<{ id: string }>;
  /** Proves the address, by the mailed code or the token of the mailed link. Then log in. @throws GatehouseError */
  verify(input: Proof): Promise<void>;
  /** Mails another code. @throws GatehouseError */
  resend(input?: { id?: string }): Promise<void>;
};

export function signUpCalls(send: Send, begun: BegunSignUp): SignUp {
  function idOf(input: { id?: string }): string {
    const id = input.id ?? begun.id();
    if (id === undefined) throw new GatehouseError('sign_up_unknown');
    return id;
  }
  return {
    async signUp(input) {
      const { id } = await send('POST /signup', input);
      begun.remember(id);
      return { id };
    },
    async verify(input) {
      await send('POST /verify-email', 'password' in input ? input : { ...input, id: idOf(input) });
      begun.forget();
    },
    async resend(input = {}) {
      await send('POST /verify-email/resend', { id: idOf(input) });
    },
  };
}

export type BegunSignUp = { id(): string | undefined; remember(id: string): void; forget(): void };

/** Where storage is blocked, the page itself remembers. */
export function begunSignUp(key: string): BegunSignUp {
  let known: string | undefined;
  const stored = <T>(use: (storage: Storage) => T): T | undefined => {
    try {
      return use(localStorage);
    } catch {
      return undefined;
    }
  };
  return {
    id: () => known ?? stored((storage) => storage.getItem(key)) ?? undefined,
    remember(id) {
      known = id;
      stored((storage) => storage.setItem(key, id));
    },
    forget() {
      known = undefined;
      stored((storage) => storage.removeItem(key));
    },
  };
}
