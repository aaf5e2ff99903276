/** What a logged-in person may do with their account. Each throws a GatehouseError; `signed_out` when nobody is logged in. */
import type { Authorized } from './authorized.ts';
import { now } from './clock.ts';
import type { Export, User } from './contract.ts';
import type { Session } from './session.ts';
import type { Data, Input, Send } from './wire.ts';

export type Account = {
  profile(): Promise<User>;
  rename(input: Input<'PATCH /me'>): Promise<User>;
  sessions(): Promise<Data<'GET /sessions'>['sessions']>;
  endSession(id: string): Promise<void>;
  /** Ends all other sessions; returns how many. */
  endOtherSessions(): Promise<number>;
  /** The newest first; `nextCursor` leads to the next page. */
  history(input?: Input<'GET /events'>): Promise<Data<'GET /events'>>;
  /** Ends all other sessions. */
  changePassword(input: Input<'POST /change-password'>): Promise<void>;
  /** Mails a code to the new address and a notice to the old one. */
  changeEmail(input: Input<'POST /change-email'>): Promise<void>;
  /** Ends all other sessions. */
  confirmEmail(input: Input<'POST /change-email/confirm'>): Promise<void>;
  /** With the token of the link in the old mailbox, logged in or not: cancels a change, or undoes it. */
  takeBackEmail(
    input: Input<'POST /change-email/cancel'>,
  ): Promise<Data<'POST /change-email/cancel'>['outcome']>;
  /** Everything held about the person. */
  export(): Promise<Export>;
  /** `erasedAt` says when all data will be erased. */
  delete(input: Input<'DELETE /me'>): Promise<Data<'DELETE /me'>>;
};

export function accountCalls(send: Send, session: Session, { withToken, call }: Authorized): Account {
  return {
    profile: () => call('GET /me'),
    rename: (input) => call('PATCH /me', input),
    sessions: async () => (await call('GET /sessions')).sessions,
    async endSession(id) {
      await call('DELETE /sessions/:id', { id });
    },
    endOtherSessions: async () => (await call('DELETE /sessions')).ended,
    history: (input) => call('GET /events', input),
    changePassword: (input) =>
      withToken((token) =>
        session.turns.take(async () => {
          const asked = now();
          await session.adopt(await send('POST /change-password', input, token), asked);
        }),
      ),
    async changeEmail(input) {
      await call('POST /change-email', input);
    },
    async confirmEmail(input) {
      await call('POST /change-email/confirm', input);
    },
    takeBackEmail: async (input) => (await send('POST /change-email/cancel', input)).outcome,
    export: () => call('GET /me/export'),
    async delete(input) {
      const gone = await call('DELETE /me', input);
      // There is no session left to end, only a cookie.
      await session.end().catch(() => session.leave(true));
      return gone;
    },
  };
}
