/** What every view of an operator has: the dark bar, so that nobody takes it for their own account, and the states. */
import { type Child, h } from '../element.ts';
import { type Icon, icon } from '../icons.ts';
import { brand } from '../view.ts';
import { clock, date } from '../words.ts';
import type { Found } from './answers.ts';

/** On the first view the browser places the focus, later it is on the heading, so that it is read aloud. */
let isFirst = true;

export function show(title: string, ...content: Child[]): void {
  const place = document.querySelector<HTMLElement>('#page');
  document.title = `${title} – Gatehouse for operators`;
  place?.replaceChildren(bar(place.dataset.operator ?? ''), h('main', { class: 'desk' }, ...content));
  if (!isFirst) place?.querySelector<HTMLElement>('h1')?.focus();
  isFirst = false;
}

const bar = (operator: string): HTMLElement =>
  h(
    'header',
    { class: 'bar operator' },
    h(
      'div',
      {},
      brand(),
      badge('Operator', 'warn'),
      h(
        'div',
        { class: 'end' },
        h('span', {}, operator),
        h('a', { class: 'button quiet', href: '/cdn-cgi/access/logout' }, icon('out'), 'Log out'),
      ),
    ),
  );

export const badge = (words: string, tone = '', lead?: Icon): HTMLElement =>
  h('span', { class: `badge ${tone}` }, lead && icon(lead), words);

const states: Record<Found['state'], [words: string, tone: string, lead: Icon]> = {
  active: ['Active', 'good', 'tick'],
  waiting: ['Not confirmed', '', 'clock'],
  disabled: ['Disabled', 'bad', 'stop'],
  closed: ['Closed by its owner', 'bad', 'stop'],
};

export const stateBadge = (state: Found['state']): HTMLElement => badge(...states[state]);

export const time = (at: string): HTMLElement =>
  h('time', { datetime: at }, `${date(new Date(at))}, ${clock(new Date(at))}`);
