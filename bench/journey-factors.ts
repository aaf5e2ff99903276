/** The part of the journey with an authenticator app: it is added, used and removed. */
import { randomUUID } from 'node:crypto';
import type { ApiConfig } from '../src/config/read.ts';
import { loginTicket, signTicket } from '../src/token/ticket.ts';
import { codeAt, stepOf } from '../test/support/totp-app.ts';
import { asBearer, post } from './asks.ts';
import type { Step, Walker } from './journey.ts';
import type { Database } from './stores.ts';

const stepNow = () => stepOf({ clock: { now: () => new Date(), travel: () => {} } });
const spend = (who: Walker) => ({ proof: { recoveryCode: who.recoveryCodes.shift() } });

export const guarded = ({ query }: Database, { ticketSecrets }: ApiConfig): Step[] => [
  {
    name: 'POST /factors/totp',
    ask: (who) => asBearer(who, 'POST', '/factors/totp', { proof: { password: who.password } }),
    keep: (who, app: Walker['app']) => {
      who.app = app;
    },
  },
  {
    name: 'POST /factors/totp/confirm',
    ask: (who) => {
      const { secret, ticket } = who.app;
      return asBearer(who, 'POST', '/factors/totp/confirm', { ticket, code: codeAt(secret, stepNow()) });
    },
    keep: (who, { recoveryCodes }: Pick<Walker, 'recoveryCodes'>) => {
      who.recoveryCodes = recoveryCodes;
    },
  },
  { name: 'GET /factors', ask: (who) => asBearer(who, 'GET', '/factors') },
  {
    name: 'POST /login/mfa',
    // The ticket of a login with the right password, which is measured by itself.
    async prepare(who) {
      const text = 'SELECT password_changed_at AS pwv, mfa_epoch AS epo FROM users WHERE id = $1';
      const [row] = (await query(text, [who.id])).rows;
      const said = { jti: randomUUID(), sub: who.id, pwv: new Date(row.pwv).getTime(), epo: row.epo };
      who.app.ticket = await signTicket(loginTicket, ticketSecrets, said, new Date());
    },
    ask: ({ app }) => post('/login/mfa', { ticket: app.ticket, code: codeAt(app.secret, stepNow() + 1) }),
  },
  {
    name: 'POST /factors/recovery-codes',
    ask: (who) => asBearer(who, 'POST', '/factors/recovery-codes', spend(who)),
    keep: (who, { recoveryCodes }: Pick<Walker, 'recoveryCodes'>) => {
      who.recoveryCodes = recoveryCodes;
    },
  },
  { name: 'DELETE /factors/totp', ask: (who) => asBearer(who, 'DELETE', '/factors/totp', spend(who)) },
];
