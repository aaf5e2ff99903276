import * as z from 'zod';
import { secured } from '../http/endpoint.ts';
import { idField, nameField, ticketField } from '../http/fields.ts';
import { Refusal, sessionEnded } from '../refusal.ts';
import { renamePasskey } from '../store/own-passkeys.ts';
import { OF_PROOF, proofBody } from './answer.route.ts';
import { attestationField } from './passkey-fields.ts';
import { beginPasskey, finishPasskey, removeOwnPasskey } from './passkeys.ts';

const params = z.object({ id: idField });

const descriptor = { type: z.literal('public-key') };

/** PublicKeyCredentialCreationOptionsJSON (WebAuthn Level 3 section 5.1.8). */
const creationFields = () =>
  z.object({
    challenge: z.string(),
    rp: z.object({ id: z.string(), name: z.string() }),
    user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
    pubKeyCredParams: z.array(z.object({ ...descriptor, alg: z.int() })),
    authenticatorSelection: z.object({
      residentKey: z.literal('required'),
      requireResidentKey: z.literal(true),
      userVerification: z.literal('required'),
    }),
    attestation: z.literal('none'),
    excludeCredentials: z.array(z.object({ ...descriptor, id: z.string() })),
    timeout: z.int(),
  });

export const beginPasskeyRoute = secured(
  {
    method: 'post',
    path: '/factors/passkeys/options',
    message: 'Ask the browser for a new passkey.',
    body: proofBody,
    get data() {
      return z.object({ options: creationFields(), ticket: z.string(), expiresIn: z.int() });
    },
    refusals: OF_PROOF,
    limits: ['confirm', 'accountSession'],
  },
  (deps, caller, bearer, { proof }) => beginPasskey(deps, caller, bearer, proof),
);

export const addPasskeyRoute = secured(
  {
    method: 'post',
    path: '/factors/passkeys',
    message: 'You can log in with this passkey from now on.',
    get body() {
      return z.strictObject({ ticket: ticketField, attestation: attestationField, name: nameField });
    },
    get data() {
      return z.object({ id: idField });
    },
    refusals: ['invalid_ticket'],
    limits: ['confirm', 'accountSession'],
  },
  (deps, caller, bearer, body) => finishPasskey(deps, caller, bearer, body),
);

export const renamePasskeyRoute = secured(
  {
    method: 'patch',
    path: '/factors/passkeys/:id',
    message: 'The passkey has a new name.',
    params,
    get body() {
      return z.strictObject({ name: nameField });
    },
    data: z.null(),
    refusals: ['not_found'],
    limits: ['account', 'accountSession'],
  },
  async (deps, caller, bearer, { name }, { params: { id } }) => {
    const outcome = await renamePasskey(deps.db, bearer, { id, name }, caller, deps.now());
    if (outcome === 'gone') throw sessionEnded();
    if (outcome === 'unknown') throw new Refusal('not_found', { reason: 'no_such_passkey' });
    return null;
  },
);

export const removePasskeyRoute = secured(
  {
    method: 'delete',
    path: '/factors/passkeys/:id',
    message: 'The passkey is removed and all other sessions have ended.',
    params,
    body: proofBody,
    data: z.null(),
    refusals: [...OF_PROOF, 'not_found'],
    limits: ['confirm', 'accountSession'],
  },
  async (deps, caller, bearer, { proof }, { params: { id } }) => {
    await removeOwnPasskey(deps, caller, bearer, id, proof);
    return null;
  },
);
