/** Second factors and passkeys: an entry of its own, so that an app with passwords alone does not load it. */
import { now } from './clock.ts';
import type { Act, PasskeyAnswer, PasskeyRequest, Proof, SecondFactorOwed, User } from './contract.ts';
import type { Gatehouse } from './index.ts';
import { type Parts, partsOf } from './parts.ts';
import { GatehouseError } from './problem.ts';
import { createPasskey, usePasskey } from './webauthn.ts';
import type { Data, Input } from './wire.ts';

/** `challenge` of the GatehouseError `second_factor_required`. */
type Challenge = SecondFactorOwed;
type Trust = { trustDevice?: boolean };

export type Factors = {
  /** Goes on after `second_factor_required`, with a code or a recovery code. @throws GatehouseError */
  finish(challenge: Challenge, answer: ({ code: string } | { recoveryCode: string }) & Trust): Promise<User>;
  /** The same with a passkey, when `challenge.methods` has it. @throws GatehouseError */
  finishWithPasskey(challenge: Challenge, trust?: Trust): Promise<User>;
  /**
   * For whoever has no second factor and must have one: `challenge.methods` is `enrolment`, and a code was mailed. It gives
   * the secret of a new authenticator app to show; then `enrol`. @throws GatehouseError
   */
  beginEnrolment(challenge: Challenge, input: { code: string }): Promise<Data<'POST /login/enrol'>>;
  /** Adds the app and logs in. The recovery codes are shown once: the login waits for `keep`. @throws GatehouseError */
  enrol(
    input: { ticket: string; code: string },
    keep: (recoveryCodes: string[]) => void | Promise<void>,
  ): Promise<User>;
  /**
   * Logs in with a passkey. `autofill`: offers it in the field with `autocomplete="username webauthn"` and waits until
   * it is chosen, or until `signal` ends that. Ask `canAutofill` first. @throws GatehouseError; `passkey_not_used`
   */
  logInWithPasskey(options?: { autofill?: boolean; signal?: AbortSignal }): Promise<User>;
  /** Whether this browser offers passkeys in form fields. */
  canAutofill(): Promise<boolean>;
  list(): Promise<Data<'GET /factors'>>;
  /** A new secret, as a picture and as text; then `confirmApp`. */
  beginApp(input: { proof: Proof }): Promise<Data<'POST /factors/totp'>>;
  /** Gives the recovery codes, which are shown once; null when there are some already. */
  confirmApp(input: Input<'POST /factors/totp/confirm'>): Promise<string[] | null>;
  removeApp(input: { proof: Proof }): Promise<void>;
  replaceRecoveryCodes(input: { proof: Proof }): Promise<string[]>;
  /** Asks the device for a new passkey. @throws GatehouseError; `passkey_not_used` */
  addPasskey(input: { name: string; proof: Proof }): Promise<{ id: string }>;
  renamePasskey(input: { id: string; name: string }): Promise<void>;
  removePasskey(input: { id: string; proof: Proof }): Promise<void>;
  /** A fresh proof for one act: the `stepUp` of a `Proof`. By passkey when no other proof is given. */
  stepUp(act: Act, proof?: Exclude<Proof, { stepUp: string }>): Promise<{ stepUp: string }>;
};

/** The options of an autofill are replaced this long before their ticket ends. */
const EARLY_SECONDS = 60;

export function factorsOf(gatehouse: Gatehouse): Factors {
  const parts = partsOf.get(gatehouse);
  if (parts === undefined) throw new TypeError('Not made by createGatehouse of this package.');
  return { ...logins(parts), ...ownFactors(parts) };
}

type Logins = Pick<
  Factors,
  'finish' | 'finishWithPasskey' | 'beginEnrolment' | 'enrol' | 'logInWithPasskey' | 'canAutofill'
>;

const logins = (parts: Parts): Logins => ({
  finish: ({ ticket }, answer) => enter(parts, 'POST /login/mfa', { ticket, ...answer }),
  async finishWithPasskey({ ticket, passkeyOptions }, trust) {
    if (passkeyOptions === undefined) throw new GatehouseError('passkey_not_used');
    const assertion = await usePasskey(passkeyOptions);
    return enter(parts, 'POST /login/mfa', { ticket, assertion, ...trust });
  },
  beginEnrolment: ({ ticket }, { code }) => parts.send('POST /login/enrol', { ticket, code }),
  enrol: (input, keep) =>
    enter(parts, 'POST /login/enrol/confirm', input, ({ recoveryCodes }) => keep(recoveryCodes)),
  async logInWithPasskey({ autofill = false, signal } = {}) {
    const asked = autofill
      ? await offered(parts, signal)
      : await answered(parts, (options) => usePasskey(options, { signal }));
    return enter(parts, 'POST /login/passkey', asked);
  },
  canAutofill: async () =>
    (await globalThis.PublicKeyCredential?.isConditionalMediationAvailable?.()) ?? false,
});

const ownFactors = ({ own }: Parts): Omit<Factors, keyof Logins> => ({
  list: () => own.call('GET /factors'),
  beginApp: (input) => own.call('POST /factors/totp', input),
  confirmApp: async (input) => (await own.call('POST /factors/totp/confirm', input)).recoveryCodes,
  async removeApp(input) {
    await own.call('DELETE /factors/totp', input);
  },
  replaceRecoveryCodes: async (input) =>
    (await own.call('POST /factors/recovery-codes', input)).recoveryCodes,
  async addPasskey({ name, proof }) {
    const { options, ticket } = await own.call('POST /factors/passkeys/options', { proof });
    const attestation = await createPasskey(options);
    return own.call('POST /factors/passkeys', { ticket, attestation, name });
  },
  async renamePasskey(input) {
    await own.call('PATCH /factors/passkeys/:id', input);
  },
  async removePasskey(input) {
    await own.call('DELETE /factors/passkeys/:id', input);
  },
  async stepUp(act, proof) {
    if (proof) return { stepUp: (await own.call('POST /step-up', { act, proof })).ticket };
    const { options, ticket } = await own.call('POST /step-up/options', { act });
    const assertion = await usePasskey(options);
    return { stepUp: (await own.call('POST /step-up', { act, proof: { assertion, ticket } })).ticket };
  },
});

/** A form may stay open longer than a ticket lives: then the browser gets new options, and nobody notices. */
async function offered(parts: Parts, signal?: AbortSignal): Promise<Answered> {
  for (;;) {
    let renewal: AbortSignal | undefined;
    try {
      return await answered(parts, (options, expiresIn) => {
        renewal = AbortSignal.timeout((expiresIn - EARLY_SECONDS) * 1_000);
        const either = AbortSignal.any(signal ? [signal, renewal] : [renewal]);
        return usePasskey(options, { mediation: 'conditional', signal: either });
      });
    } catch (error) {
      if (!renewal?.aborted || signal?.aborted) throw error;
    }
  }
}

type Answered = Input<'POST /login/passkey'>;

async function answered(
  { send }: Parts,
  use: (options: PasskeyRequest, expiresIn: number) => Promise<PasskeyAnswer>,
): Promise<Answered> {
  const { options, ticket, expiresIn } = await send('POST /login/passkey/options');
  return { ticket, assertion: await use(options, expiresIn) };
}

/** The last request of a login: it takes its turn, and its tokens are those of this page from then on. */
function enter<N extends 'POST /login/mfa' | 'POST /login/passkey' | 'POST /login/enrol/confirm'>(
  { send, session, carrier }: Parts,
  name: N,
  input: Input<N>,
  before?: (given: Data<N>) => void | Promise<void>,
): Promise<User> {
  return session.turns.take(async () => {
    const asked = now();
    const given = await send(name, { ...input, ...(await carrier.device()) });
    await before?.(given);
    const { user, ...tokens } = given;
    await session.adopt(tokens, asked);
    return user;
  });
}
