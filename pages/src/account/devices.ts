/** Where somebody is logged in. This device stands first, and has no log-out of its own: that is in the bar. */
import type { SessionInfo } from '../../../packages/client/src/index.ts';
import { auth } from '../auth.ts';
import { h } from '../element.ts';
import { ago, t } from '../words.ts';
import { acting, load, row, type Section, section } from './rows.ts';

const PHONE = /iPhone|iPad|Android/;

/** `changed`: something happened that the history shows. */
export function devicesSection(changed: () => void): Section & { refresh(): void } {
  const others = h('div', { class: 'do', hidden: true });
  const made = section('devices', t('account.devices'), t('devices.text'), others);
  const refresh = (): Promise<void> =>
    load(made.rows, t('devices.loading'), async () => {
      const sessions = await auth.account.sessions();
      sessions.sort(
        (a, b) => Number(b.current) - Number(a.current) || b.lastUsedAt.localeCompare(a.lastUsedAt),
      );
      others.hidden = sessions.length < 2;
      return sessions.map((one) => deviceRow(one, made, ended));
    });
  const ended = (): Promise<void> => {
    changed();
    return refresh();
  };
  others.append(
    acting(t('devices.endOthers'), t('devices.ending'), made, async () => {
      await auth.account.endOtherSessions();
      made.tell({ tone: 'good', title: t('devices.othersEnded') });
      await ended();
    }),
  );
  void refresh();
  return { ...made, refresh: () => void refresh() };
}

function deviceRow(session: SessionInfo, made: Section, ended: () => Promise<void>): HTMLElement {
  const { browser, device, current, place, lastUsedAt } = session;
  const name =
    browser && device ? t('device.both', { browser, device }) : (browser ?? device ?? t('device.unknown'));
  const end = acting(
    t('logOut'),
    t('devices.ending'),
    made,
    async () => {
      await auth.account.endSession(session.id).catch((error: { code?: string }) => {
        // Another tab was faster, or the session ended by itself.
        if (error.code !== 'not_found') throw error;
      });
      made.tell({ tone: 'good', title: t('devices.ended', { name }) });
      await ended();
    },
    name,
  );
  return row(
    PHONE.test(device ?? '') ? 'phone' : 'laptop',
    [name, current && h('span', { class: 'badge tint' }, t('devices.this'))],
    [place ?? t('devices.nowhere'), ' · ', h('time', { datetime: lastUsedAt }, ago(new Date(lastUsedAt)))],
    !current && end,
  );
}
