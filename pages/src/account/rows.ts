/** Sections of the account, their rows, and what stands there until they are loaded. */
import { GatehouseError } from '../../../packages/client/src/index.ts';
import { type Child, h, nodes } from '../element.ts';
import { toldOf } from '../failures.ts';
import { busyButton } from '../form.ts';
import { type Icon, icon } from '../icons.ts';
import { noticePlace } from '../notice.ts';
import { t } from '../words.ts';

/** A wait that is shorter is not shown. */
const UNSEEN_MS = 300;

export function section(id: string, title: string, intro: string | undefined, action?: Child) {
  const place = noticePlace();
  const rows = h('div', { class: 'rows' });
  const element = h(
    'section',
    { class: 'section', id, 'aria-labelledby': `${id}-title` },
    h('header', {}, h('div', {}, h('h2', { id: `${id}-title` }, title), intro && h('p', {}, intro)), action),
    place.element,
    rows,
  );
  return { element, rows, tell: place.tell };
}

export type Section = ReturnType<typeof section>;

export const row = (lead: Icon | undefined, name: Child, under?: Child, act?: Child): HTMLElement =>
  h(
    'div',
    { class: 'row' },
    lead && icon(lead),
    h('div', { class: 'what' }, h('div', { class: 'name' }, name), under && h('small', {}, under)),
    act && h('div', { class: 'do' }, act),
  );

/** A name and its value. */
export const fact = (name: string, value: Child, act?: Child): HTMLElement =>
  h(
    'div',
    { class: 'row fact' },
    h('div', { class: 'what' }, h('span', {}, name), h('div', { class: 'name' }, value)),
    act && h('div', { class: 'do' }, act),
  );

/** `about`: which of several buttons with the same word it is, for those who hear it alone. */
export const opener = (words: string, press: () => void, about = '', tone = ''): HTMLElement =>
  h(
    'button',
    { type: 'button', class: `in-row ${tone}`, 'aria-label': about && `${words}: ${about}`, click: press },
    words,
  );

/** A button that acts at once and tells its section what came of it. */
export function acting(
  words: string,
  busy: string,
  { tell }: Section,
  work: () => Promise<void>,
  about = '',
): HTMLElement {
  const { element, during } = busyButton(words, busy, { type: 'button', class: 'in-row' });
  if (about) element.setAttribute('aria-label', `${words}: ${about}`);
  element.addEventListener('click', () =>
    during(async () => {
      tell(undefined);
      await work().catch((error: unknown) => {
        if (!(error instanceof GatehouseError)) throw error;
        tell(toldOf(error));
      });
    }),
  );
  return element;
}

/** What each place shows in the end: a late answer does not undo a newer one. */
const latest = new WeakMap<HTMLElement, ReturnType<typeof setTimeout>>();

/** Fills the place, with a spinner if that takes time, and with another try if it fails. */
export async function load(place: HTMLElement, waiting: string, work: () => Promise<Child>): Promise<void> {
  const timer = setTimeout(() => {
    place.replaceChildren(
      h('div', { class: 'loading', role: 'status' }, h('span', { class: 'spinner' }), waiting),
    );
  }, UNSEEN_MS);
  clearTimeout(latest.get(place));
  latest.set(place, timer);
  try {
    const content = nodes(await work());
    clearTimeout(timer);
    if (latest.get(place) === timer) place.replaceChildren(...content);
  } catch (error) {
    clearTimeout(timer);
    if (latest.get(place) !== timer) return;
    if (!(error instanceof GatehouseError)) throw error;
    const told = toldOf(error);
    const again = opener(t('tryAgain'), () => void load(place, waiting, work));
    const words = row('alert', told.title, told.text, again);
    words.setAttribute('role', 'alert');
    place.replaceChildren(words);
  }
}
