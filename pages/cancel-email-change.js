// The link in the old mailbox of a change of address: it needs no login, for whoever asked may have it.
import { sendLink } from './link-form.js';

const OUTCOMES = {
  cancelled: 'The change is cancelled. Now reset your password: the person who asked for the change knew it.',
  undone:
    'The change is undone. The account has this address again, and everybody is logged out. Now choose a new password.',
  none: 'There is nothing to undo any more. If you did not change the address, write to our support.',
};

sendLink({
  path: '/change-email/cancel',
  busy: 'Undoing the change…',
  tell: (isOk, { data, detail }) => (isOk ? OUTCOMES[data.outcome] : detail),
});
