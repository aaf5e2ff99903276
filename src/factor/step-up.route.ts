import * as z from 'zod';
import { secured } from '../http/endpoint.ts';
import {
  codeField,
  idField,
  passkeyRequestFields,
  passwordField,
  recoveryCodeField,
  ticketField,
} from '../http/fields.ts';
import { OF_PROOF } from './answer.route.ts';
import { assertionField } from './passkey-fields.ts';
import { askForStepUp, stepUp } from './step-up.ts';

/** What the ticket is for. Where there are several things that it could be about, it names one. */
const actField = z.union([
  z.strictObject({
    purpose: z.enum(['add-totp', 'remove-totp', 'renew-recovery-codes', 'add-passkey', 'delete-account']),
  }),
  z.strictObject({ purpose: z.literal('remove-passkey'), target: idField }),
]);

export const stepUpOptionsRoute = secured(
  {
    method: 'post',
    path: '/step-up/options',
    message: 'Ask the browser for a passkey.',
    get body() {
      return z.strictObject({ act: actField });
    },
    get data() {
      return z.object({ options: passkeyRequestFields, ticket: z.string(), expiresIn: z.int() });
    },
    refusals: [],
    limits: ['account', 'accountSession'],
    asksNothing: true,
  },
  (deps, _caller, bearer, { act }) => askForStepUp(deps, bearer, act),
);

export const stepUpRoute = secured(
  {
    method: 'post',
    path: '/step-up',
    message: 'You can do this one thing now.',
    get body() {
      return z.strictObject({
        act: actField,
        proof: z.union([
          z.strictObject({ password: passwordField }),
          z.strictObject({ code: codeField }),
          z.strictObject({ recoveryCode: recoveryCodeField }),
          z.strictObject({ assertion: assertionField, ticket: ticketField }),
        ]),
      });
    },
    get data() {
      return z.object({ ticket: z.string(), expiresIn: z.int() });
    },
    refusals: OF_PROOF,
    limits: ['confirm', 'accountSession'],
  },
  (deps, caller, bearer, { act, proof }) => stepUp(deps, caller, bearer, act, proof),
);
