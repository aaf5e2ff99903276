import * as z from 'zod';
import { open } from '../http/endpoint.ts';
import { deviceTokenField, passkeyRequestFields, ticketField } from '../http/fields.ts';
import { deviceTokenOf, heldRefreshToken, transportHeader, transportOf } from '../http/transport.ts';
import { loggedIn, loggedInFields } from '../session/logged-in.route.ts';
import { assertionField } from './passkey-fields.ts';
import { askForPasskey, loginByPasskey } from './passkey-login.ts';

export const passkeyOptionsRoute = open(
  {
    method: 'post',
    path: '/login/passkey/options',
    message: 'Ask the browser for a passkey.',
    get data() {
      return z.object({ options: passkeyRequestFields, ticket: z.string(), expiresIn: z.int() });
    },
    refusals: [],
    limits: ['loginBurst'],
    asksNothing: true,
  },
  (deps) => askForPasskey(deps),
);

export const passkeyLoginRoute = open(
  {
    method: 'post',
    path: '/login/passkey',
    message: 'Logged in.',
    headers: transportHeader,
    get body() {
      return z.strictObject({
        ticket: ticketField,
        assertion: assertionField,
        deviceToken: deviceTokenField.optional(),
      });
    },
    data: loggedInFields,
    refusals: ['invalid_ticket', 'invalid_passkey'],
    limits: ['loginBurst', 'login'],
  },
  async (deps, caller, body, { context, spendLimits }) => {
    const transport = transportOf(context);
    const granted = await loginByPasskey(deps, caller, {
      ...body,
      transport,
      deviceToken: deviceTokenOf(context, transport, body),
      replaces: heldRefreshToken(context, transport),
      spendLimits,
    });
    return loggedIn(context, transport, granted);
  },
  { spendsLimits: true },
);
