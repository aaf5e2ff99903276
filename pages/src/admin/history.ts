/** What happened, newest first, by days; of what an operator did, who did it and why. */
import { deviceName } from '../../../src/lib/device-name.ts';
import { row, section } from '../account/rows.ts';
import { h } from '../element.ts';
import { clock, named, weekday } from '../words.ts';
import type { Shown } from './answers.ts';

/** The words of the pages for people speak to the person; these speak of them. */
const ofOperators: Record<string, string> = {
  deleted: 'Operator deleted the account',
  disabled: 'Operator disabled the account',
  enabled: 'Operator enabled the account',
  exported: 'Operator exported the data',
  factor_removal_cancelled: 'Operator kept the second steps',
  factor_removal_requested: 'Operator asked to remove the second steps',
  logged_out: 'Operator ended all sessions',
  proof_resent: 'Operator sent the proof again',
  reset_started: 'Operator sent a reset link',
  sessions_ended: 'Operator ended sessions of many people',
  suppressed: 'Operator stopped mail',
  unlocked: 'Operator lifted the pause',
  unsuppressed: 'Operator allowed mail again',
  viewed: 'Operator looked',
};
const WARNING = /failed|throttled|exhausted|reuse|spray|guessing|copied/;

export function historySection(history: Shown['history']): HTMLElement {
  const made = section('history', 'History', history.length === 50 ? 'The last 50 events' : undefined);
  let day = '';
  for (const one of history) {
    const its = weekday(new Date(one.at));
    if (its !== day) made.rows.append(h('h3', { class: 'day' }, its));
    day = its;
    made.rows.append(eventRow(one));
  }
  return made.element;
}

function eventRow({
  at,
  kind,
  reason,
  client,
  userAgent,
  operator,
  note,
}: Shown['history'][number]): HTMLElement {
  const [room, act = ''] = kind.split('.');
  const words = (room === 'admin' && ofOperators[act]) || named(`event.${kind}`);
  const isWarning = WARNING.test(kind);
  const under = operator
    ? [operator, note && `“${note}”`].filter(Boolean).join(': ')
    : [deviceOf(userAgent), client, reason?.replaceAll('_', ' ')].filter(Boolean).join(' · ');
  const element = row(isWarning ? 'warning' : operator ? 'person' : 'info', words, under);
  element.classList.add('event', ...(isWarning ? ['warn'] : []));
  element.append(h('time', { datetime: at }, clock(new Date(at))));
  return element;
}

/** The claim of a client. */
export function deviceOf(userAgent: string | null): string {
  const { browser, device } = deviceName(userAgent);
  return [browser, device].filter(Boolean).join(' on ') || 'Unknown device';
}
