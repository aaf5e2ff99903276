// Where mails about a login lead. The link says nothing about whose mail it was, so the person enters the address, and
// the answer is the same for every address.
import { sendForm } from './form.js';

sendForm({
  path: '/forgot-password',
  busy: 'Sending…',
  fieldsOf: ({ email }) => ({ email: email.value }),
});
