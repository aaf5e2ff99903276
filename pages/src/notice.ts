/** A notice: an icon, what is, and the way on. It stays until the next try. */
import { type Child, h } from './element.ts';
import { type Icon, icon } from './icons.ts';

type Tone = 'bad' | 'warn' | 'good' | 'information';
export type Told = { tone: Tone; title: string; text?: Child };

const icons: Record<Tone, Icon> = { bad: 'alert', warn: 'clock', good: 'done', information: 'info' };

export const notice = ({ tone, title, text }: Told): HTMLElement =>
  h(
    'div',
    { class: `notice ${tone}` },
    icon(icons[tone]),
    h('div', {}, h('h2', {}, title), text && h('p', {}, text)),
  );

/** A place for one notice, read aloud when it comes: at once if it is an error. */
export function noticePlace() {
  const alert = h('div', { role: 'alert' });
  const status = h('div', { role: 'status' });
  const place = h('div', { class: 'notices', hidden: true }, alert, status);
  return {
    element: place,
    tell(told: Told | undefined) {
      const isError = told?.tone === 'bad' || told?.tone === 'warn';
      alert.replaceChildren(...(told && isError ? [notice(told)] : []));
      status.replaceChildren(...(told && !isError ? [notice(told)] : []));
      place.hidden = told === undefined;
    },
  };
}
