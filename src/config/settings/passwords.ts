/** Sign-up, mailed codes and links, and what a password may be. */
import { oneOf, optionalUrl, scryptCosts, whole } from '../fields.ts';
import { api, both } from '../setting.ts';

const DAY = 86_400;

export const passwords = {
  signupPendingSeconds: api(whole(DAY, 1, 7 * DAY), 'An unproven sign-up is forgotten after this.'),
  verificationCodeSeconds: both(
    whole(300, 1, 600),
    'Life of a mailed code: the API keeps it, the mail says it.',
  ),
  resetLinkSeconds: both(whole(3_600, 60, DAY), 'Life of a mailed link that resets a password.'),
  emailUndoSeconds: both(
    whole(72 * 3_600, 3_600, 30 * DAY),
    'How long a change of address can be undone from the old mailbox, whose address stays reserved.',
  ),
  verificationCodeTries: api(whole(5, 1, 10), 'Wrong codes until a code is void.'),
  verificationResends: api(whole(3, 0, 10), 'How often a new code may be asked for.'),
  passwordMinLength: api(whole(8, 8, 64), 'In code points.'),
  passwordMaxLength: api(whole(256, 64, 256), 'In code points.'),
  passwordScrypt: api(
    oneOf(['native', 'portable'], 'native'),
    '`native` (node:crypto) or `portable` (@noble/hashes, slower); the records are the same.',
  ),
  passwordScryptCosts: api(
    scryptCosts,
    'What a hash costs, N = 2^ln. To change it put the new one in front, with a semicolon between two, and drop the old one when no stored hash names it: until then every login computes both.',
  ),
  passwordHashWaiting: api(
    whole(4, 0, 256),
    'Hashes that may wait in one isolate; one more is answered 503.',
  ),
  breachUrl: api(
    optionalUrl,
    'A k-anonymity range service for breached passwords, as https://api.pwnedpasswords.com: asked when a password is set. None: not asked.',
  ),
};
