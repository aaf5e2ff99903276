/** What happened to the account, the newest first, by days. */
import type { SecurityEvent } from '../../../packages/client/src/index.ts';
import { auth } from '../auth.ts';
import { type Child, h, nodes } from '../element.ts';
import { type Icon, icon } from '../icons.ts';
import { clock, named, t, weekday } from '../words.ts';
import { load, type Section, section } from './rows.ts';

/** By how a kind begins. */
const icons: [string, Icon][] = [
  ['login', 'in'],
  ['logout', 'out'],
  ['session', 'out'],
  ['password', 'lock'],
  ['reset', 'lock'],
  ['mfa', 'clock'],
  ['passkey', 'key'],
  ['recovery', 'list'],
  ['profile', 'person'],
  ['email', 'mail'],
  ['account', 'stop'],
  ['admin', 'person'],
];
const WARNING = /failed|throttled|exhausted|disabled|reuse|spray/;

export function historySection(): Section & { refresh(): void } {
  const made = section('history', t('account.history'), t('history.text'));
  let day = '';
  const page = async (cursor?: string): Promise<Child> => {
    const { events, nextCursor } = await auth.account.history({ cursor, limit: 20 });
    if (cursor === undefined) day = '';
    const rows = events.flatMap((event) => {
      const its = weekday(new Date(event.at));
      const head =
        its === day ? [] : [h('h3', { class: 'day' }, its === weekday(new Date()) ? t('today') : its)];
      day = its;
      return [...head, eventRow(event)];
    });
    return [rows, nextCursor !== null && older(nextCursor)];
  };
  const older = (cursor: string): HTMLElement => {
    const place = h('div');
    const more = h(
      'button',
      { type: 'button', class: 'quiet', click: () => void next() },
      t('history.older'),
    );
    const next = async () => {
      await load(place, t('account.loading'), async () => {
        const rows = nodes(await page(cursor));
        place.before(...rows);
        place.remove();
        return [];
      });
    };
    place.append(more);
    return place;
  };
  const refresh = () => void load(made.rows, t('account.loading'), () => page());
  refresh();
  return { ...made, refresh };
}

function eventRow({ kind, outcome, at, device, client }: SecurityEvent): HTMLElement {
  const isWarning = outcome === 'failure' || WARNING.test(kind);
  const shape = icons.find(([start]) => kind.startsWith(start))?.[1] ?? 'info';
  const where = [device ?? t('device.unknown'), client].filter(Boolean).join(' · ');
  return h(
    'div',
    { class: isWarning ? 'row event warn' : 'row event' },
    icon(isWarning ? 'warning' : shape),
    h(
      'div',
      { class: 'what' },
      h('span', {}, named(`event.${kind}`)),
      h('small', {}, where, isWarning && ['. ', h('a', { href: '/was-this-you' }, t('history.notYou'))]),
    ),
    h('time', { datetime: at }, clock(new Date(at))),
  );
}
