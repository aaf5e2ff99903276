import { z } from '@hono/zod-openapi';
import { open } from '../http/endpoint.ts';
import { emailField, idField, nameField, passwordField } from '../http/fields.ts';
import { signup } from './signup.ts';

export const signupRoute = open(
  {
    method: 'post',
    path: '/signup',
    summary: 'Sign up',
    description:
      'Starts a sign-up and mails a 6-digit code and a link to the address. The answer is the same when the address ' +
      'already has an account; its owner is then told by mail, once a day. Keep `id`: verify-email asks for it. When four ' +
      'codes were mailed to the address in a day, no more are: a link that is in the mailbox already proves the address.',
    message: 'Check your mail to finish signing up.',
    body: z.strictObject({ name: nameField, email: emailField, password: passwordField }),
    data: z.object({ id: idField }),
    refusals: ['password_blocked', 'overloaded'],
    limits: ['signup'],
  },
  signup,
);
