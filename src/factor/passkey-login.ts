/**
 * Login by a passkey alone: without an address, and for people without a password too. A passkey with user verification
 * is both factors, so no second one is owed. The options cost no trip and leave nothing behind. The login takes two,
 * whether anybody has the passkey or not: the first one finds it, the second one records the result.
 */
import { v7 as uuidv7 } from 'uuid';
import type { Caller, Transport } from '../caller.ts';
import { relyingParty } from '../config/relying-party.ts';
import type { Deps } from '../deps.ts';
import { decodeDeviceToken } from '../guard/device.ts';
import { Refusal } from '../refusal.ts';
import { type Granted, grant } from '../session/grant.ts';
import { readShown } from '../session/shown.ts';
import {
  findPasskeyOwner,
  type PasskeyOwner,
  passkeyProof,
  recordPasskeyFailure,
} from '../store/passkey-logins.ts';
import type { PasskeyFailure, UsedPasskey } from '../store/passkey-proof.ts';
import { type PasskeyRequest, passkeyRequest } from '../token/passkey-request.ts';
import { readTicket, signTicket, TICKET_SECONDS, ticketKind } from '../token/ticket.ts';
import { credentialIdOf, judgePasskey, type PasskeyAnswer } from './judge-passkey.ts';

/** About nobody: whoever answers says who they are. */
const passkeyTicket = ticketKind('passkey-login', {});

export type Asked = { options: PasskeyRequest; ticket: string; expiresIn: number };

export async function askForPasskey({ config, now }: Deps): Promise<Asked> {
  const ticket = await signTicket(passkeyTicket, config.ticketSecrets, { jti: uuidv7() }, now());
  return { options: passkeyRequest(relyingParty(config), ticket), ticket, expiresIn: TICKET_SECONDS };
}

export type PasskeyLoginInput = PasskeyAnswer & {
  transport: Transport;
  deviceToken: string | undefined;
  /** The refresh token that the browser has from an earlier login. Its session ends. */
  replaces: string | undefined;
  /** Counts the request against the limits that cost a trip. @throws Refusal `rate_limited` */
  spendLimits: () => Promise<void>;
};

/**
 * @throws Refusal `invalid_ticket`, without a trip; `invalid_passkey`, the same for unknown, wrong and used;
 * `rate_limited`
 */
export async function loginByPasskey(
  deps: Deps,
  caller: Caller,
  input: PasskeyLoginInput,
): Promise<Granted & { user: PasskeyOwner }> {
  const { config } = deps;
  const claims = await readTicket(passkeyTicket, config.ticketSecrets, input.ticket, deps.now());
  if (claims === undefined) {
    await input.spendLimits();
    throw new Refusal('invalid_ticket', { reason: 'not_ours' });
  }
  const [owner] = await Promise.all([
    findPasskeyOwner(deps.db, credentialIdOf(input.assertion)),
    input.spendLimits(),
  ]);
  const judged = await judgePasskey(relyingParty(config), input, owner?.passkey ?? null, deps.now());
  if (owner === undefined || 'failure' in judged)
    throw await refused(deps, caller, owner, 'failure' in judged ? judged.failure : 'unknown_passkey');
  const granted = await open(deps, caller, input, { owner, used: judged.used, sessionId: claims.jti });
  // Another request was faster with this ticket or counter, or something was changed.
  if (granted === undefined || !('deviceToken' in granted))
    throw new Refusal('invalid_passkey', { reason: 'used_or_changed' });
  return { user: owner, ...granted };
}

/** Opens the session of the ticket, in the statement that takes the use of the passkey. */
async function open(
  deps: Deps,
  caller: Caller,
  { transport, deviceToken, replaces }: PasskeyLoginInput,
  { owner, used, sessionId }: { owner: PasskeyOwner; used: UsedPasskey; sessionId: string },
) {
  const now = deps.now();
  const device = await decodeDeviceToken(deps.config.refreshTokenSecrets, deviceToken, now);
  const held = await readShown(deps, { refreshToken: replaces, deviceToken, transport }, now);
  return grant(deps, caller, {
    person: owner,
    amr: ['pop', 'mfa'],
    proof: passkeyProof(owner.id, used, sessionId),
    transport,
    device,
    replaces: held?.claim,
    sessionId,
  });
}

async function refused(
  deps: Deps,
  caller: Caller,
  owner: PasskeyOwner | undefined,
  reason: PasskeyFailure,
): Promise<Refusal> {
  const mailId = await recordPasskeyFailure(deps.db, owner?.id ?? null, reason, caller, deps.now());
  if (mailId !== null) deps.after(deps.mailQueue.send({ id: mailId }));
  return new Refusal('invalid_passkey', { reason });
}
