import * as z from 'zod';
import { open } from '../http/endpoint.ts';
import { codeField, deviceTokenField, recoveryCodeField, ticketField } from '../http/fields.ts';
import { deviceTokenOf, heldRefreshToken, transportHeader, transportOf } from '../http/transport.ts';
import { loggedIn, loggedInFields } from '../session/logged-in.route.ts';
import { loginWithFactor } from './login.ts';
import { assertionField } from './passkey-fields.ts';

const common = {
  ticket: ticketField,
  trustDevice: z.boolean().optional(),
  deviceToken: deviceTokenField.optional(),
};

export const factorLoginRoute = open(
  {
    method: 'post',
    path: '/login/mfa',
    message: 'Logged in.',
    headers: transportHeader,
    get body() {
      return z.union([
        z.strictObject({ ...common, code: codeField }),
        z.strictObject({ ...common, recoveryCode: recoveryCodeField }),
        z.strictObject({ ...common, assertion: assertionField }),
      ]);
    },
    data: loggedInFields,
    refusals: ['invalid_ticket', 'wrong_second_factor', 'second_factor_locked'],
    limits: ['loginBurst', 'mfa'],
  },
  async (deps, caller, { ticket, trustDevice, deviceToken, ...answer }, { context }) => {
    const transport = transportOf(context);
    const granted = await loginWithFactor(deps, caller, {
      ticket,
      // The ticket of the first step is also what the passkey was asked for with.
      answer: 'assertion' in answer ? { ...answer, ticket } : answer,
      trustDevice,
      transport,
      deviceToken: deviceTokenOf(context, transport, { deviceToken }),
      replaces: heldRefreshToken(context, transport),
    });
    return loggedIn(context, transport, granted);
  },
);
