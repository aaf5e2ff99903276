// The link of a reset mail buys one new password; a password that is not acceptable leaves it as it was.
import { sendLink } from './link-form.js';

sendLink({
  path: '/reset-password',
  busy: 'Setting the password…',
  fieldsOf: ({ password }) => ({ newPassword: password.value }),
  tell(isOk, { message, detail, errors = [] }) {
    const faults = errors.map((fault) => `The password ${fault.message}.`).join(' ');
    return isOk ? message : faults || detail;
  },
});
