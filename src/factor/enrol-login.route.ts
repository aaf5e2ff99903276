import * as z from 'zod';
import { open } from '../http/endpoint.ts';
import { codeField, deviceTokenField, ticketField } from '../http/fields.ts';
import { deviceTokenOf, heldRefreshToken, transportHeader, transportOf } from '../http/transport.ts';
import { loggedIn, loggedInFields } from '../session/logged-in.route.ts';
import { shownAppFields } from './answer.route.ts';
import { enrolAndLogIn, showAppFor } from './enrol-login.ts';

export const beginEnrolmentRoute = open(
  {
    method: 'post',
    path: '/login/enrol',
    message: 'Scan the picture with an authenticator app, and log in with its code.',
    get body() {
      return z.strictObject({ ticket: ticketField, code: codeField });
    },
    get data() {
      return shownAppFields();
    },
    refusals: ['invalid_ticket', 'invalid_code'],
    limits: ['loginBurst', 'mfa'],
  },
  (deps, caller, body) => showAppFor(deps, caller, body),
);

export const finishEnrolmentRoute = open(
  {
    method: 'post',
    path: '/login/enrol/confirm',
    message: 'Logged in. From now on a login needs a code of your app.',
    headers: transportHeader,
    get body() {
      return z.strictObject({
        ticket: ticketField,
        code: codeField,
        deviceToken: deviceTokenField.optional(),
      });
    },
    get data() {
      return loggedInFields.extend({ recoveryCodes: z.array(z.string()) });
    },
    refusals: ['invalid_ticket', 'wrong_second_factor'],
    limits: ['loginBurst', 'mfa'],
  },
  async (deps, caller, { ticket, code, deviceToken }, { context }) => {
    const transport = transportOf(context);
    const { recoveryCodes, ...granted } = await enrolAndLogIn(deps, caller, {
      ticket,
      code,
      transport,
      deviceToken: deviceTokenOf(context, transport, { deviceToken }),
      replaces: heldRefreshToken(context, transport),
    });
    return { ...loggedIn(context, transport, granted), recoveryCodes };
  },
);
