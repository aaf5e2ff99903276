/** The second module: loaded with the account, and by a log-in with a passkey or a second factor. */
import { showAccount } from './account/account.ts';
import { logInWithPasskey, offerPasskeys } from './factors/passkey-login.ts';
import { showSecondStep } from './factors/second-step.ts';

export const second = { showAccount, logInWithPasskey, offerPasskeys, showSecondStep };
