/**
 * Judges what an authenticator sends (WebAuthn Level 3 sections 7.1 and 7.2). What the library trusts is checked before
 * it is called: sizes by the fields (passkey-fields.ts), and the shape of all CBOR here. Load this file with `import()`,
 * when a passkey is used: it is the only one that loads the library.
 *
 * Not judged here, but in the statement that uses the result: whether the challenge was used before, and the counter.
 */
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { decodeAttestationObject } from '@simplewebauthn/server/helpers';
import * as z from 'zod';
import type { RelyingParty } from '../config/relying-party.ts';
import { endOfItem } from './cbor.ts';
import { type Assertion, type Attestation, COSE_ALGORITHMS } from './passkey-fields.ts';

/** Why it is refused. The last one is everything that is not worth a name. */
export type PasskeyFault = 'wrong_challenge' | 'wrong_origin' | 'wrong_passkey';

export type NewPasskey = {
  credentialId: Uint8Array;
  /** As COSE_Key. */
  publicKey: Uint8Array;
  counter: number;
  aaguid: string;
  /** Whether the provider may copy it to other devices, and whether it has. */
  isBackupEligible: boolean;
  isBackedUp: boolean;
};

/** Judges a new passkey. Only attestation `none` is accepted: nobody learns which device it is, and no certificate is read. */
export async function judgeAttestation(
  { rpId, origins }: RelyingParty,
  challenge: string,
  attestation: Attestation,
): Promise<NewPasskey | PasskeyFault> {
  const { clientDataJSON, attestationObject } = attestation.response;
  const fault = clientDataFault(clientDataJSON, 'webauthn.create', challenge, origins);
  if (fault !== undefined) return fault;
  const object = bytesOf(attestationObject);
  if (endOfItem(object, 0) !== object.length || !isPlain(object)) return 'wrong_passkey';
  return orWrong(async () => {
    const { registrationInfo } = await verifyRegistrationResponse({
      response: { ...attestation, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      supportedAlgorithmIDs: [...COSE_ALGORITHMS],
    });
    if (registrationInfo === undefined) return 'wrong_passkey';
    const { credential, aaguid, credentialDeviceType, credentialBackedUp } = registrationInfo;
    // The authenticator has signed the inner one, and the outer one is what the client says.
    if (credential.id !== attestation.id) return 'wrong_passkey';
    return {
      credentialId: bytesOf(credential.id),
      publicKey: credential.publicKey,
      counter: credential.counter,
      aaguid,
      isBackupEligible: credentialDeviceType === 'multiDevice',
      isBackedUp: credentialBackedUp,
    };
  });
}

/** A passkey as it is stored, with the handle of its person. */
export type KnownPasskey = { publicKey: Uint8Array; isBackupEligible: boolean; userHandle: Uint8Array };

export type Asserted = { counter: number; isBackedUp: boolean };

/**
 * Judges the use of a passkey, with user verification. For one that nobody has, the same work is done and the result
 * is a fault.
 */
export async function judgeAssertion(
  { rpId, origins }: RelyingParty,
  challenge: string,
  assertion: Assertion,
  known: KnownPasskey | undefined,
): Promise<Asserted | PasskeyFault> {
  const { clientDataJSON, authenticatorData, userHandle } = assertion.response;
  const fault = clientDataFault(clientDataJSON, 'webauthn.get', challenge, origins);
  if (fault !== undefined) return fault;
  if (!isAuthenticatorData(bytesOf(authenticatorData))) return 'wrong_passkey';
  const { publicKey, ...person } = known ?? NOBODYS;
  return orWrong(async () => {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...assertion, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      // The stored counter may change before the statement that judges it.
      credential: { id: assertion.id, publicKey: new Uint8Array(publicKey), counter: 0 },
    });
    const { newCounter: counter, credentialBackedUp: isBackedUp, credentialDeviceType } = authenticationInfo;
    const isPersons = Buffer.from(person.userHandle).equals(bytesOf(userHandle));
    // Whether a passkey may be copied is decided when it is made (section 7.2 step 18).
    const isSame = (credentialDeviceType === 'multiDevice') === person.isBackupEligible;
    return known && verified && isPersons && isSame ? { counter, isBackedUp } : 'wrong_passkey';
  });
}

/** The generator of P-256 as COSE_Key: a valid key, with which nothing is ever accepted. */
const NOBODYS: KnownPasskey = {
  publicKey: Buffer.from(
    'pQECAyYgASFYIGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWIlggT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU',
    'base64url',
  ),
  isBackupEligible: true,
  userHandle: new Uint8Array(),
};

const clientData = z.object({
  type: z.string(),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.boolean().optional(),
});

/** A page inside a page of another origin is not served: the person does not see whom they answer. */
function clientDataFault(
  clientDataJSON: string,
  type: string,
  challenge: string,
  origins: readonly string[],
): PasskeyFault | undefined {
  const { data } = clientData.safeParse(jsonOf(bytesOf(clientDataJSON)));
  if (data === undefined || data.type !== type) return 'wrong_passkey';
  if (data.challenge !== challenge) return 'wrong_challenge';
  if (!origins.includes(data.origin) || data.crossOrigin) return 'wrong_origin';
  return undefined;
}

/** Whether an attestation object has the format `none` and CBOR of the expected shape inside. */
function isPlain(object: Uint8Array): boolean {
  try {
    const decoded = decodeAttestationObject(new Uint8Array(object));
    return decoded.get('fmt') === 'none' && isAuthenticatorData(decoded.get('authData'));
  } catch {
    return false;
  }
}

const HEAD_BYTES = 37;
const [HAS_CREDENTIAL, HAS_EXTENSIONS] = [0x40, 0x80];

/** Section 6.1: a head of 37 bytes, then a credential and a map of extensions, by the flags of the head. */
function isAuthenticatorData(data: Uint8Array): boolean {
  const flags = data[32] ?? 0;
  let at: number | undefined = HEAD_BYTES;
  if (flags & HAS_CREDENTIAL) {
    const [high = 0, low = 0] = data.subarray(at + 16, at + 18);
    at = endOfItem(data, at + 18 + high * 256 + low);
  }
  if (flags & HAS_EXTENSIONS && at !== undefined) at = endOfItem(data, at);
  return at === data.length;
}

/** The library throws an Error for each thing that is wrong. */
async function orWrong<T>(judge: () => Promise<T>): Promise<T | PasskeyFault> {
  try {
    return await judge();
  } catch {
    return 'wrong_passkey';
  }
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

const bytesOf = (base64url: string): Uint8Array => new Uint8Array(Buffer.from(base64url, 'base64url'));
