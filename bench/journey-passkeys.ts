/** The part of the journey with a passkey: it is added, logs in, is renamed, proves who is there, and is removed. */
import type { ApiConfig } from '../src/config/read.ts';
import type { Assertion, Attestation } from '../src/factor/passkey-fields.ts';
import { type Asked, newAuthenticator } from '../test/support/authenticator.ts';
import { asBearer, post } from './asks.ts';
import type { Step, Walker } from './journey.ts';

type Begun = { options: Asked; ticket: string };

/** A passkey with its device, what the API asked it last, and what it answered. */
export type Passkey = {
  id: string;
  device?: Awaited<ReturnType<typeof newAuthenticator>>;
  begun: Begun;
  answer?: Attestation | Assertion | undefined;
  /** The ticket of the step-up. */
  stepUp: string;
};

export const noPasskey = (): Passkey => ({
  id: '',
  begun: { options: { challenge: '' }, ticket: '' },
  stepUp: '',
});

const MANY = 8;

const keepBegun = ({ passkey }: Walker, begun: Begun) => {
  passkey.begun = begun;
};
const sign = async ({ passkey }: Walker) => {
  passkey.answer = await passkey.device?.get(passkey.begun.options);
};
const act = ({ passkey }: Walker) => ({ purpose: 'remove-passkey', target: passkey.id });

export const keyed = ({ issuer }: ApiConfig): Step[] => [
  {
    name: 'POST /factors/passkeys/options',
    ask: (who) => asBearer(who, 'POST', '/factors/passkeys/options', { proof: { password: who.password } }),
    keep: keepBegun,
  },
  {
    name: 'POST /factors/passkeys',
    async prepare({ passkey }) {
      passkey.device = await newAuthenticator({ origin: new URL(issuer).origin });
      passkey.answer = await passkey.device.create(passkey.begun.options);
    },
    ask: (who) => {
      const { begun, answer } = who.passkey;
      const body = { ticket: begun.ticket, attestation: answer, name: 'Laptop' };
      return asBearer(who, 'POST', '/factors/passkeys', body);
    },
    keep: ({ passkey }, { id }: Pick<Passkey, 'id'>) => {
      passkey.id = id;
    },
  },
  {
    name: 'POST /login/passkey/options',
    times: MANY,
    ask: () => post('/login/passkey/options', {}),
    keep: keepBegun,
  },
  {
    name: 'POST /login/passkey',
    prepare: sign,
    ask: ({ passkey: { begun, answer }, deviceToken }) =>
      post('/login/passkey', { ticket: begun.ticket, assertion: answer, deviceToken }),
    keep: (who, given: Pick<Walker, 'accessToken' | 'refreshToken'>) => void Object.assign(who, given),
  },
  {
    name: 'PATCH /factors/passkeys/:id',
    times: MANY,
    ask: (who) => asBearer(who, 'PATCH', `/factors/passkeys/${who.passkey.id}`, { name: 'Phone' }),
  },
  {
    name: 'POST /step-up/options',
    times: MANY,
    ask: (who) => asBearer(who, 'POST', '/step-up/options', { act: act(who) }),
    keep: keepBegun,
  },
  {
    name: 'POST /step-up',
    prepare: sign,
    ask: (who) => {
      const { begun, answer } = who.passkey;
      const proof = { ticket: begun.ticket, assertion: answer };
      return asBearer(who, 'POST', '/step-up', { act: act(who), proof });
    },
    keep: ({ passkey }, { ticket }: { ticket: string }) => {
      passkey.stepUp = ticket;
    },
  },
  {
    name: 'DELETE /factors/passkeys/:id',
    ask: (who) => {
      const { id, stepUp } = who.passkey;
      return asBearer(who, 'DELETE', `/factors/passkeys/${id}`, { proof: { stepUp } });
    },
  },
];
