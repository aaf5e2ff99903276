// The link of a verification mail proves the mailbox; the password proves who signed up.
import { sendLink } from './link-form.js';

sendLink({
  path: '/verify-email',
  busy: 'Confirming…',
  fieldsOf: ({ password }) => ({ password: password.value }),
});
