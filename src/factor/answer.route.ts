/** What a person sends to prove something, and what it may be refused with. */
import * as z from 'zod';
import { codeField, passwordField, recoveryCodeField, ticketField } from '../http/fields.ts';

const byCode = z.strictObject({ code: codeField });
const byRecoveryCode = z.strictObject({ recoveryCode: recoveryCodeField });

/** A second factor, beside the password. */
export const secondFactorField = z.union([byCode, byRecoveryCode]);

/** A fresh proof. Whoever owes a second factor cannot use the password. */
export const proofField = z.union([
  z.strictObject({ password: passwordField }),
  byCode,
  byRecoveryCode,
  z.strictObject({ stepUp: ticketField }),
]);

export const proofBody = z.strictObject({ proof: proofField });

/** The secret of a new authenticator app, as it is shown once. */
export const shownAppFields = () =>
  z.object({
    secret: z.string(),
    uri: z.string(),
    qr: z.string(),
    ticket: z.string(),
    expiresIn: z.int(),
  });

export const OF_PROOF = [
  'wrong_password',
  'wrong_second_factor',
  'second_factor_required',
  'invalid_ticket',
  'login_locked',
  'second_factor_locked',
  'overloaded',
] as const;
