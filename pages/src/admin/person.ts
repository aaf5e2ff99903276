/** One person: the state as badges, sessions, history, mail, details, and what can be done. */
import { fact, load, row, section } from '../account/rows.ts';
import { type Child, h } from '../element.ts';
import { noticePlace, type Told } from '../notice.ts';
import { heading, link } from '../view.ts';
import { ago, clock } from '../words.ts';
import { actsSection } from './acts.ts';
import type { Shown } from './answers.ts';
import { ask, pathOf } from './ask.ts';
import { badge, show, stateBadge, time } from './frame.ts';
import { deviceOf, historySection } from './history.ts';
import { mailWords } from './mail-words.ts';

/** Each look is recorded by the service. */
export async function showPerson(id: string, told?: Told): Promise<void> {
  const place = h('div', { class: 'rows' });
  show('Person', back(), heading('Person'), place);
  await load(place, 'Looking…', async () => {
    render(await ask<Shown>(pathOf(id)), told);
    return [];
  });
}

/** `told`: what came of the act before. */
export function render(person: Shown, told?: Told): void {
  const { account } = person;
  const place = noticePlace();
  show(
    account.name,
    back(),
    h(
      'header',
      { class: 'stack' },
      heading(account.name),
      h('p', { class: 'soft' }, account.email),
      badges(person),
    ),
    place.element,
    h(
      'div',
      { class: 'person' },
      h('div', { class: 'page' }, sessions(person), historySection(person.history), mails(person)),
      h('div', { class: 'page' }, details(person), actsSection(person)),
    ),
  );
  place.tell(told);
}

const back = () => h('nav', { 'aria-label': 'Back' }, link('People', '#'));

function badges({ account, factors, counters }: Shown): HTMLElement {
  const { authenticatorSince, passkeys, removalDueAt } = factors;
  const waits = counters.find(({ lockedUntil }) => lockedUntil && new Date(lockedUntil) > new Date());
  return h(
    'p',
    { class: 'badges' },
    stateBadge(account.state),
    account.emailVerifiedAt && badge('Email confirmed', 'good', 'tick'),
    (authenticatorSince ?? passkeys[0]) && badge('Second step on', 'good', 'lock'),
    removalDueAt && badge('Second steps will be removed', 'warn', 'clock'),
    counters.some(({ isSwitchedOff }) => isSwitchedOff) && badge('Password off', 'bad', 'lock'),
    waits?.lockedUntil && badge(`Paused until ${clock(new Date(waits.lockedUntil))}`, 'warn', 'clock'),
    account.suppression && badge('No mail', 'warn', 'mail'),
  );
}

function sessions({ sessions: live }: Shown): HTMLElement {
  const made = section('sessions', 'Sessions', undefined);
  made.rows.append(
    ...live.map(({ userAgent, place, client, lastUsedAt }) =>
      row('laptop', deviceOf(userAgent), [
        [place, client].filter(Boolean).join(' · '),
        ' · ',
        ago(new Date(lastUsedAt)),
      ]),
    ),
    ...(live.length === 0 ? [row(undefined, 'Not logged in anywhere')] : []),
  );
  return made.element;
}

const mailTones: Record<string, string> = { sent: 'good', pending: 'warn', failed: 'bad' };

function mails({ mails: sent }: Shown): HTMLElement {
  const made = section('mail', 'Mail', undefined);
  made.rows.append(
    ...sent.map(({ kind, status, failure, report, to, createdAt }) =>
      row(
        'mail',
        [mailWords(kind), badge(sentence(report ?? status), report ? '' : mailTones[status])],
        [[to, failure].filter(Boolean).join(' · '), ' · ', time(createdAt)],
      ),
    ),
    ...(sent.length === 0 ? [row(undefined, 'No mail in the last days')] : []),
  );
  return made.element;
}

function details({ account, factors, counters }: Shown): HTMLElement {
  const made = section('details', 'Details', undefined);
  const { recoveryCodesUsed: used, authenticatorSince, passkeys, removalDueAt } = factors;
  const facts: [string, Child][] = [
    ['Id', h('code', {}, account.id)],
    ['External id', account.externalId],
    ['Joined', time(account.createdAt)],
    ['Password', time(account.passwordChangedAt)],
    ['Wrong passwords', `${Math.max(0, ...counters.map(({ failures }) => failures))}`],
    ['App code', authenticatorSince && time(authenticatorSince)],
    ['Passkeys', passkeys.map(({ name }) => name).join(', ')],
    ['Recovery', used !== null && `${10 - used} of 10 left`],
    ['Steps end', removalDueAt && time(removalDueAt)],
    [
      'Disabled',
      account.disabledAt && [time(account.disabledAt), account.disabledBy && `, by ${account.disabledBy}`],
    ],
    ['Erased', account.deletionDueAt && time(account.deletionDueAt)],
    ['No mail', account.suppression && sentence(account.suppression)],
  ];
  made.rows.append(...facts.flatMap(([name, value]) => (value ? [fact(name, value)] : [])));
  return made.element;
}

/** `not_sent` as words. */
const sentence = (name: string): string => {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
