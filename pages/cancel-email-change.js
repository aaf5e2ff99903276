// The link in the old mailbox of a change of address: it needs no login, for whoever asked may have it.
import { sendLink } from './link-form.js';

const OUTCOMES = {
  cancelled: 'The change is cancelled. Now reset your password: whoever asked knew it.',
  undone:
    'The change is undone: the account has this address again and everybody is logged out. Now choose a new password.',
  none: 'There is nothing to take back any more. Write to our support if you did not change the address.',
};

sendLink({
  path: '/change-email/cancel',
  busy: 'Taking back…',
  tell: (isOk, { data, detail }) => (isOk ? OUTCOMES[data.outcome] : detail),
});
