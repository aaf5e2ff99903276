/** Sign-up, mailed codes and links, and what a password may be. */
import { importFormats, oneOf, optionalUrl, scryptCosts, whole } from '../fields.ts';
import { api, both } from '../setting.ts';

const DAY = 86_400;

export const passwords = {
  signupPendingSeconds: api(whole(DAY, 1, 7 * DAY), 'A sign-up that is not proven is deleted after this.'),
  verificationCodeSeconds: both(
    whole(300, 1, 600),
    'Life of a mailed code. The API checks it, and the mail names it.',
  ),
  resetLinkSeconds: api(whole(3_600, 60, DAY), 'Life of a mailed link that resets a password.'),
  emailUndoSeconds: both(
    whole(72 * 3_600, 3_600, 30 * DAY),
    'How long the old mailbox can undo a change of address. The old address is reserved for that time.',
  ),
  verificationCodeTries: api(whole(5, 1, 10), 'How many wrong tries make a code void.'),
  verificationResends: api(whole(3, 0, 10), 'How often a new code may be asked for.'),
  passwordMinLength: api(whole(8, 8, 64), 'In code points.'),
  passwordMaxLength: api(whole(256, 64, 256), 'In code points.'),
  passwordScrypt: api(
    oneOf(['native', 'portable'], 'native'),
    '`native` (node:crypto) or `portable` (@noble/hashes, slower); the records are the same.',
  ),
  passwordScryptCosts: api(
    scryptCosts,
    'The cost of a hash, with N = 2^ln. To change it, put the new cost in front of the old one, with a semicolon between. Every login then computes both. Remove the old one when no stored hash has it any more.',
  ),
  importFormats: api(
    importFormats,
    'Formats and costs of the password hashes of imported people (docs/import.md), such as `bcrypt:10,argon2id:m=19456,t=2,p=1`. Every login runs each of them. Empty: none.',
  ),
  passwordHashWaiting: api(
    whole(4, 0, 256),
    'How many hashes may wait in one isolate. One more gets the answer 503.',
  ),
  breachUrl: api(
    optionalUrl,
    'A k-anonymity range service for breached passwords, such as https://api.pwnedpasswords.com. It is asked when a password is set. Empty: no check.',
  ),
};
