/** The browser's half of passkeys: options in, answers out, as JSON (WebAuthn Level 3 section 5.1). */
import type { NewPasskey, PasskeyAnswer, PasskeyCreation, PasskeyRequest } from './contract.ts';
import { GatehouseError } from './problem.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** @throws GatehouseError `passkey_not_used` */
export async function createPasskey(options: PasskeyCreation): Promise<NewPasskey> {
  const { challenge, user, excludeCredentials, ...rest } = options;
  const publicKey = {
    ...rest,
    challenge: bytesOf(challenge),
    user: { ...user, id: bytesOf(user.id) },
    excludeCredentials: excludeCredentials.map(({ id, type }) => ({ type, id: bytesOf(id) })),
  };
  const { id, response } = await used<AuthenticatorAttestationResponse>(() =>
    navigator.credentials.create({ publicKey }),
  );
  const { clientDataJSON, attestationObject } = response;
  return {
    id,
    rawId: id,
    type: 'public-key',
    response: {
      clientDataJSON: textOf(clientDataJSON),
      attestationObject: textOf(attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

/** @throws GatehouseError `passkey_not_used` */
export async function usePasskey(
  { challenge, rpId, userVerification, timeout }: PasskeyRequest,
  { mediation, signal }: { mediation?: 'conditional'; signal?: AbortSignal | undefined } = {},
): Promise<PasskeyAnswer> {
  const publicKey = { challenge: bytesOf(challenge), rpId, userVerification, timeout };
  const asked = { publicKey, ...(mediation && { mediation }), ...(signal && { signal }) };
  const { id, response } = await used<AuthenticatorAssertionResponse>(() => navigator.credentials.get(asked));
  const { clientDataJSON, authenticatorData, signature, userHandle } = response;
  return {
    id,
    rawId: id,
    type: 'public-key',
    response: {
      clientDataJSON: textOf(clientDataJSON),
      authenticatorData: textOf(authenticatorData),
      signature: textOf(signature),
      userHandle: textOf(userHandle ?? new ArrayBuffer(0)),
    },
  };
}

/** The person has closed the dialog, the browser has no passkey, or the call was aborted. */
async function used<R extends AuthenticatorResponse>(
  ask: () => Promise<Credential | null>,
): Promise<{ id: string; response: R }> {
  try {
    const credential = (await ask()) as { id: string; response: R } | null;
    if (credential) return credential;
  } catch (cause) {
    throw new GatehouseError('passkey_not_used', { cause });
  }
  throw new GatehouseError('passkey_not_used');
}

const textOf = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const bytesOf = (base64url: string): Bytes =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
