import * as z from 'zod';
import { open } from '../http/endpoint.ts';
import { emailField, idField, nameField, newPasswordField } from '../http/fields.ts';
import { signup } from './signup.ts';

export const signupRoute = open(
  {
    method: 'post',
    path: '/signup',
    message: 'Check your mail to finish signing up.',
    get body() {
      return z.strictObject({ name: nameField, email: emailField, password: newPasswordField });
    },
    get data() {
      return z.object({ id: idField });
    },
    refusals: ['password_blocked', 'overloaded'],
    limits: ['signup'],
  },
  signup,
);
