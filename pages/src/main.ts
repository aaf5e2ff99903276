/** Which page this is. */
import type { GatehouseError } from '../../packages/client/src/index.ts';
import { h } from './element.ts';
import { toldOf } from './failures.ts';
import { showForgot, showWasThisYou } from './forgot.ts';
import { showLogin } from './login.ts';
import { noticePlace } from './notice.ts';
import { showReset } from './reset.ts';
import { secondModule } from './second-module.ts';
import { showSignUp } from './signup.ts';
import { showUndo } from './undo.ts';
import { showVerify } from './verify.ts';
import { showForm } from './view.ts';
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
  '/account': () => secondModule().then(({ showAccount }) => showAccount(), showNothingLoaded),
};

/** A browser may remember that a module failed, so the page is loaded anew. */
function showNothingLoaded(error: GatehouseError): void {
  const place = noticePlace();
  const again = h('button', { type: 'button', class: 'main', click: () => location.reload() }, t('tryAgain'));
  showForm({ title: t('account.title'), body: [place.element, again] });
  place.tell(toldOf(error));
}

await loadWords();
pages[location.pathname]?.();
// A second link of a mail, opened where the first one stands, changes nothing but the fragment.
addEventListener('hashchange', () => location.hash.includes('token=') && pages[location.pathname]?.());
