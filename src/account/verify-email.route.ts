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
      'Takes the mailed code with the id of the sign-up, or the token of a mailed link with that id or with the ' +
      'password of the sign-up. Any link that was mailed to the address in the last day will do, also one that somebody ' +
      "else's sign-up has caused: it proves the address, and id or password say whose sign-up. The one that is proven " +
      'first becomes the account; log in next. An address that a change of address can still be taken back to stays ' +
      'reserved until then. A code lives for 5 minutes and 5 tries, a link takes 5 tries of a ' +
      'password; every failure looks the same. Sent again, because its answer was lost, a proof that was right is answered ' +
      'alike for as long as it lives.',
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
      'Mails a new code for an open sign-up; the code before it is void, tries already made still count. At most four ' +
      'codes a day are mailed to one address: past that use a link that was mailed. The answer is the same when there is ' +
      'no such sign-up, or nothing is mailed.',
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
