import { EXAMPLE } from './example.ts';
import { PROOF } from './factors.ts';
import type { Group } from './words.ts';

const rawPasskey = 'rW1uV0kxQ2ZhM2hQb1ZrN0p3';
const clientDataJSON = 'eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0';

const options = {
  challenge: 'pNiP5iKyQ8JwgGOaKA1zGPUPJIS-0H1xKCQcfIoGLck',
  rpId: 'example.com',
  userVerification: 'required',
  timeout: 300_000,
} as const;

const assertion = {
  id: rawPasskey,
  rawId: rawPasskey,
  type: 'public-key',
  response: {
    clientDataJSON,
    authenticatorData: 'SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MdAAAAAA',
    signature: 'MEUCIQDd',
    userHandle: 'ZmVkY2JhOTg3NjU0MzIxMA',
  },
} as const;

const attestation = {
  id: rawPasskey,
  rawId: rawPasskey,
  type: 'public-key' as const,
  response: {
    clientDataJSON,
    attestationObject: 'o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVg',
    transports: ['internal'],
  },
};

const password = { proof: { password: EXAMPLE.password } };
const code = { proof: { code: EXAMPLE.code } };
const ticket = { proof: { stepUp: EXAMPLE.ticket } };

export const passkeys = {
  name: 'Passkeys',
  description:
    'WebAuthn: login without a password, and fresh proofs. Options go to `navigator.credentials`, and its answer comes ' +
    'back as `toJSON()` gives it.',
  operations: {
    'POST /login/passkey/options': {
      operationId: 'askForPasskey',
      summary: 'Begin a login by passkey',
      description:
        'What to hand to `navigator.credentials.get()`, for a button or for autofill (`mediation: "conditional"`). It ' +
        'asks for no address and tells nothing about anybody. The challenge belongs to the `ticket`, for 5 minutes.',
      answer: { options, ticket: EXAMPLE.ticket, expiresIn: 300 },
    },
    'POST /login/passkey': {
      operationId: 'logInWithPasskey',
      summary: 'Log in with a passkey',
      description:
        'Opens a session with the answer of the authenticator. A passkey with user verification is both factors, so no ' +
        'second one is asked for, and people without a password can log in with it. An unknown passkey and a wrong ' +
        'answer get the same refusal. A ticket opens one session. A lock of the password does not count here.',
      cookies: { takes: ['RefreshCookie', 'DeviceCookie'], sets: true },
      requests: { passkey: { ticket: EXAMPLE.ticket, assertion } },
      answer: { user: EXAMPLE.user, ...EXAMPLE.tokens, deviceToken: EXAMPLE.deviceToken },
    },
    'POST /factors/passkeys/options': {
      operationId: 'beginPasskey',
      summary: 'Begin to add a passkey',
      description:
        `${PROOF}Answers with what to hand to \`navigator.credentials.create()\`. The proof comes first, so that no device ` +
        'makes a passkey that is refused afterwards.',
      requests: { password, app: code, stepUp: ticket },
      answer: {
        options: {
          challenge: options.challenge,
          rp: { id: 'example.com', name: 'Gatehouse' },
          user: { id: assertion.response.userHandle, name: EXAMPLE.email, displayName: EXAMPLE.name },
          pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
          authenticatorSelection: {
            residentKey: 'required',
            requireResidentKey: true,
            userVerification: 'required',
          },
          attestation: 'none',
          excludeCredentials: [],
          timeout: 300_000,
        },
        ticket: EXAMPLE.ticket,
        expiresIn: 300,
      },
    },
    'POST /factors/passkeys': {
      operationId: 'addPasskey',
      summary: 'Add the passkey',
      description:
        'Takes the answer of the authenticator, and the name that the passkey shall have in the list. Only the ' +
        'attestation `none` is accepted. The same session must ask that began, and a ticket adds one passkey. A ' +
        'notice is mailed. A passkey alone does not make a login by password owe a second factor.',
      requests: { passkey: { ticket: EXAMPLE.ticket, attestation, name: 'Laptop' } },
      answer: { id: EXAMPLE.id },
    },
    'PATCH /factors/passkeys/:id': {
      operationId: 'renamePasskey',
      summary: 'Rename a passkey',
      description: 'Changes the name in the list. The authenticator keeps its own.',
      requests: { passkey: { name: 'Old laptop' } },
      answer: null,
    },
    'DELETE /factors/passkeys/:id': {
      operationId: 'removePasskey',
      summary: 'Remove a passkey',
      description:
        `${PROOF}All other sessions end, trusted devices are forgotten, and a notice is mailed. Recovery codes go with ` +
        'the last factor.',
      requests: { password, app: code, stepUp: ticket },
      answer: null,
    },
    'POST /step-up/options': {
      operationId: 'askForStepUp',
      summary: 'Begin a step-up by passkey',
      description:
        'What to hand to `navigator.credentials.get()` for a fresh proof. The challenge belongs to this session and act.',
      requests: { removal: { act: { purpose: 'remove-passkey', target: EXAMPLE.id } } },
      answer: { options, ticket: EXAMPLE.ticket, expiresIn: 300 },
    },
    'POST /step-up': {
      operationId: 'stepUp',
      summary: 'Prove again who you are',
      description:
        'A fresh proof, and a `ticket` for one act in the next 5 minutes: for this session, this purpose and this target ' +
        '(the id of a passkey, a new address). It acts once. It is the `stepUp` of proofs, and stands in for the password ' +
        'where there is none. Whoever has a second factor proves one.',
      requests: {
        password: { act: { purpose: 'add-passkey' }, ...password },
        passkey: { act: { purpose: 'delete-account' }, proof: { assertion, ticket: EXAMPLE.ticket } },
      },
      answer: { ticket: EXAMPLE.ticket, expiresIn: 300 },
    },
  },
} satisfies Group;
