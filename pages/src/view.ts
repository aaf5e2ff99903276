/** Puts a page or a state of one into the window. */
import { type Child, h } from './element.ts';
import { type Icon, icon } from './icons.ts';
import { settings } from './settings.ts';
import { t } from './words.ts';

export type FormPage = {
  title: string;
  intro?: Child | undefined;
  well?: [Icon, 'good' | 'warn' | ''] | undefined;
  body: Child;
  /** Below the card. */
  under?: Child;
};

let isFirst = true;

/** One column: the brand, the card, a line below it, the foot. */
export function showForm({ title, intro, well, body, under }: FormPage): void {
  const card = h(
    'div',
    { class: 'card' },
    h(
      'header',
      {},
      well && h('div', { class: `well ${well[1]}` }, icon(well[0])),
      heading(title),
      intro && h('p', {}, intro),
    ),
    body,
  );
  const main = h('main', {}, card, under && h('p', {}, under));
  show(title, h('div', { class: 'column' }, h('header', {}, brand()), main, foot()));
}

/** On the first view the first field has the focus, later the heading, so that it is read aloud. */
export function show(title: string, ...content: Node[]): void {
  document.title = title.includes(settings.product) ? title : `${title} – ${settings.product}`;
  document.body.replaceChildren(...content);
  const first = isFirst ? 'input:not([hidden], .silent)' : 'h1';
  document.querySelector<HTMLElement>(first)?.focus({ preventScroll: isFirst });
  isFirst = false;
}

export const heading = (title: string) => h('h1', { tabindex: -1 }, title);

export const brand = () =>
  h(
    'div',
    { class: 'brand' },
    h('img', { src: settings.logo, alt: '', height: 28 }),
    h('span', {}, settings.product),
  );

export function foot(): Node {
  const { support, terms, privacy } = settings;
  const link = (words: string, url: string | undefined) => url && h('a', { href: url }, words);
  return h(
    'footer',
    { class: 'foot' },
    link(t('foot.help'), support),
    link(t('foot.privacy'), privacy),
    link(t('foot.terms'), terms),
  );
}

export const link = (words: string, href: string) => h('a', { href }, words);

/** A link that looks like the one thing to do. */
export const mainLink = (words: string, href: string) => h('a', { class: 'button main', href }, words);

export type Way = {
  icon: Icon;
  title: string;
  hint: string;
  /** An address, something to do, or nothing that can be pressed here. */
  go?: string | (() => void);
};

/** A list of ways on: icon, name, one grey line. What cannot be pressed has no chevron. */
export const ways = (all: Way[]): HTMLElement =>
  h(
    'ul',
    { class: 'ways' },
    all.map(({ icon: lead, title, hint, go }) => {
      const words = h('span', {}, h('strong', {}, title), h('small', {}, hint));
      const on = h('b', { class: 'on' }, icon('on'));
      if (go === undefined) return h('li', {}, h('div', { class: 'still' }, icon(lead), words));
      if (typeof go === 'string') return h('li', {}, h('a', { href: go }, icon(lead), words, on));
      return h('li', {}, h('button', { type: 'button', click: go }, icon(lead), words, on));
    }),
  );
