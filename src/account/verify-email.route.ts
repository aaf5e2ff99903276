import { z } from '@hono/zod-openapi';
import { open } from '../http/endpoint.ts';
import { codeField, idField, linkTokenField, passwordField } from '../http/fields.ts';
import { resend } from './resend.ts';
import { verifyEmail } from './verify-email.ts';

export const verifyEmailRoute = open(
  {
    method: 'post',
    path: '/verify-email',
    summary: 'Prove the email address',
    description:
      'Takes the mailed code with the id of the sign-up, or the token of the mailed link with that id or with the ' +
      'password of the sign-up. The sign-up that is proven first becomes the account; log in next. A code lives for ' +
      '5 minutes and 5 tries; every failure looks the same. Sent again, because its answer was lost, a proof that was ' +
      'right is answered alike for as long as it lives.',
    message: 'The email address is verified. Log in to go on.',
    body: z.union(
      [
        z.strictObject({ id: idField, code: codeField }),
        z.strictObject({ token: linkTokenField, id: idField }),
        z.strictObject({ token: linkTokenField, password: passwordField }),
      ],
      { error: 'must be {id, code}, {token, id} or {token, password}' },
    ),
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
    summary: 'Mail a new code',
    description:
      'Mails a new code for an open sign-up; the code before it is void, tries already made still count. The answer ' +
      'is the same when there is no such sign-up or no resend is left.',
    message: 'If the sign-up is still open, a new code is on its way.',
    body: z.strictObject({ id: idField }),
    data: z.null(),
    refusals: [],
    limits: ['resend'],
  },
  async (deps, caller, body) => {
    await resend(deps, caller, body);
    return null;
  },
);
