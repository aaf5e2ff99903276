/** What a person sends to prove something. */
import * as z from 'zod';
import { codeField, passwordField, recoveryCodeField } from '../http/fields.ts';

const byCode = z.strictObject({ code: codeField });
const byRecoveryCode = z.strictObject({ recoveryCode: recoveryCodeField });

/** A second factor, beside the password. */
export const secondFactorField = z.union([byCode, byRecoveryCode]);

/** A fresh proof. Whoever owes a second factor cannot use the password. */
export const proofField = z.union([z.strictObject({ password: passwordField }), byCode, byRecoveryCode]);
