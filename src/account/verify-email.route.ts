import * as z from 'zod';
import { open } from '../http/endpoint.ts';
import { codeField, idField, linkTokenField, passwordField } from '../http/fields.ts';
import { resend } from './resend.ts';
import { verifyEmail } from './verify-email.ts';

export const verifyEmailRoute = open(
  {
    method: 'post',
    path: '/verify-email',
    message: 'The email address is verified. Log in to go on.',
    get body() {
      return z.union(
        [
          z.strictObject({ id: idField, code: codeField }),
          z.strictObject({ token: linkTokenField, id: idField }),
          z.strictObject({ token: linkTokenField, password: passwordField }),
        ],
        { error: 'must be {id, code}, {token, id} or {token, password}' },
      );
    },
    data: z.null(),
    refusals: ['invalid_code', 'overloaded'],
    limits: ['verify'],
  },
  async (deps, caller, body) => {
    await verifyEmail(deps, caller, body);
    return null;
  },
);

export const resendRoute = open(
  {
    method: 'post',
    path: '/verify-email/resend',
    message: 'If the sign-up is still open, a new code is on its way.',
    get body() {
      return z.strictObject({ id: idField });
    },
    data: z.null(),
    refusals: [],
    limits: ['resend'],
  },
  async (deps, caller, body) => {
    await resend(deps, caller, body);
    return null;
  },
);
