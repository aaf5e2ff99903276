// The link of the notice that an address is about to change: it needs no login, for whoever asked may have it.
import { sendLink } from './link-form.js';

sendLink({
  path: '/change-email/cancel',
  busy: 'Cancelling…',
  tell: (isOk, { message, detail }) =>
    isOk ? `${message} Now reset your password: whoever asked knew it.` : detail,
});
