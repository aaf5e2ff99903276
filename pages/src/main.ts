/** Which page this is. */
import { showForgot, showWasThisYou } from './forgot.ts';
import { showLogin } from './login.ts';
import { showReset } from './reset.ts';
import { showSignUp } from './signup.ts';
import { showUndo } from './undo.ts';
import { showVerify } from './verify.ts';
import { loadWords, t } from './words.ts';

const pages: Record<string, () => unknown> = {
  '/login': () =>
    showLogin(
      location.hash === '#ended'
        ? { tone: 'information', title: t('ended.title'), text: t('ended.text') }
        : undefined,
    ),
  '/signup': showSignUp,
  '/verify-email': showVerify,
  '/forgot-password': showForgot,
  '/reset-password': showReset,
  '/cancel-email-change': showUndo,
  '/was-this-you': showWasThisYou,
  '/account': () => import('./second.ts').then(({ second }) => second.showAccount()),
};

await loadWords();
pages[location.pathname]?.();
// A second link of a mail, opened where the first one stands, changes nothing but the fragment.
addEventListener('hashchange', () => location.hash.includes('token=') && pages[location.pathname]?.());
