/**
 * How refresh and device token are stored and sent. A page leaves that to its browser: `__Host-` cookies that no script
 * sees. An app that has no such cookies keeps both in a store of its own and sends them in bodies.
 */

/** Where an app keeps one string between starts: a key chain, a file. */
export type Store = {
  read(): string | null | Promise<string | null>;
  write(value: string): void | Promise<void>;
};

type Kept = { refreshToken?: string | undefined; deviceToken?: string | undefined };

export type Carrier = {
  /** What to send with a request. Undefined when it is known that nobody is logged in. */
  session(): Promise<Kept | undefined>;
  device(): Promise<Pick<Kept, 'deviceToken'>>;
  /** Keeps the tokens of an answer. */
  keep(given: Kept): Promise<void>;
  /** Removes the refresh token, if it is still that one, and with `device` the device token. */
  drop(shown?: Kept, device?: boolean): Promise<void>;
};

/** The browser does everything. */
export const cookies: Carrier = {
  session: async () => ({}),
  device: async () => ({}),
  keep: async () => {},
  drop: async () => {},
};

export function bodies(store: Store): Carrier {
  /** Kept here once the store fails to write. Then the next start is logged out, not this one. */
  let unwritten: Kept | undefined;

  async function read(): Promise<Kept> {
    if (unwritten) return unwritten;
    try {
      return JSON.parse((await store.read()) || '{}') as Kept;
    } catch {
      return {};
    }
  }
  async function write(kept: Kept): Promise<void> {
    try {
      await store.write(JSON.stringify(kept));
      unwritten = undefined;
    } catch {
      unwritten = kept;
    }
  }

  return {
    async session() {
      const kept = await read();
      return kept.refreshToken ? kept : undefined;
    },
    device: async () => ({ deviceToken: (await read()).deviceToken }),
    keep: async ({ refreshToken, deviceToken }) => {
      const before = await read();
      await write({ refreshToken, deviceToken: deviceToken ?? before.deviceToken });
    },
    drop: async (shown, device = false) => {
      const { refreshToken, deviceToken } = await read();
      const isOther = shown !== undefined && shown.refreshToken !== refreshToken;
      await write({
        refreshToken: isOther ? refreshToken : undefined,
        deviceToken: device ? undefined : deviceToken,
      });
    },
  };
}
