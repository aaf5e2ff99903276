/** The own account: one page of sections, so that all of it can be searched, linked to and printed. */
import { GatehouseError } from '../../../packages/client/src/index.ts';
import { auth, leaveFor } from '../auth.ts';
import { h } from '../element.ts';
import { toldOf } from '../failures.ts';
import { busyButton } from '../form.ts';
import { icon } from '../icons.ts';
import { noticePlace } from '../notice.ts';
import { tab, to } from '../settings.ts';
import { brand, foot, heading, show, showForm } from '../view.ts';
import { t } from '../words.ts';
import { dataSection } from './data.ts';
import { devicesSection } from './devices.ts';
import { historySection } from './history.ts';
import { loggingInSection } from './password.ts';
import { profileSection } from './profile.ts';

let isShown = false;
/** The account is being deleted: the end of the session is no surprise. */
let isGoing = false;

export function showAccount(): void {
  auth.onChange((state) => {
    if (state.status === 'signedOut' && !isGoing) leaveFor(to('/login') + (state.ended ? '#ended' : ''));
    if (state.status === 'unknown' && !isShown) showNoAnswer(state.error);
    if (state.status === 'signedIn' && !isShown) showSections();
  });
}

/** The client goes on trying by itself; a press tries now. */
function showNoAnswer(error = new GatehouseError('no_answer')): void {
  const place = noticePlace();
  const { element, during } = busyButton(t('tryAgain'), t('account.loading'), {
    type: 'button',
    class: 'main',
  });
  element.addEventListener(
    'click',
    () =>
      void during(() =>
        auth.refresh().then(
          () => {},
          () => {},
        ),
      ),
  );
  showForm({ title: t('account.title'), body: [place.element, element] });
  place.tell(toldOf(error));
}

function showSections(): void {
  isShown = true;
  let email = '';
  const address = h('span');
  const place = noticePlace();
  const history = historySection();
  const devices = devicesSection(history.refresh);
  const profile = profileSection((user) => {
    ({ email } = user);
    address.textContent = email;
    tab.set('email', email);
  }, history.refresh);
  const loggingIn = loggingInSection(
    () => email,
    () => {
      devices.refresh();
      history.refresh();
    },
  );
  const data = dataSection((going) => {
    isGoing = going;
  });
  const sections = [profile, loggingIn, devices, history, data];
  const links = sections.map(({ element }) =>
    h('a', { href: `#${element.id}` }, element.querySelector('h2')?.textContent),
  );
  show(
    t('account.title'),
    h(
      'header',
      { class: 'bar' },
      h('div', {}, brand(), h('div', { class: 'end' }, address, logOut(place.tell))),
    ),
    h(
      'div',
      { class: 'sheet' },
      h('nav', { class: 'sections', 'aria-label': t('account.title') }, links),
      h(
        'main',
        { class: 'page' },
        heading(t('account.title')),
        place.element,
        sections.map((one) => one.element),
        foot(),
      ),
    ),
  );
  const mark = () => {
    for (const link of links)
      link.toggleAttribute('aria-current', link.hash === (location.hash || '#profile'));
  };
  addEventListener('hashchange', mark);
  mark();
  if (location.hash === '#change-password') loggingIn.change();
}

function logOut(tell: ReturnType<typeof noticePlace>['tell']): HTMLElement {
  const { element, during } = busyButton(t('logOut'), t('devices.ending'), {
    type: 'button',
    class: 'quiet',
  });
  element.prepend(icon('out'));
  element.addEventListener('click', () =>
    during(() =>
      auth.logOut().catch((error: unknown) => {
        if (!(error instanceof GatehouseError)) throw error;
        tell(toldOf(error));
      }),
    ),
  );
  return element;
}
