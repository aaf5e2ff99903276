/** What an operator can do to one person (src/admin/acts.ts), each in a dialog that asks for the reason. */
import { openDialog } from '../account/dialog.ts';
import { section } from '../account/rows.ts';
import { h } from '../element.ts';
import { field } from '../field.ts';
import { icon } from '../icons.ts';
import type { Told } from '../notice.ts';
import { type Act, acts } from './act-words.ts';
import type { Shown } from './answers.ts';
import { ask, pathOf } from './ask.ts';
import { showFind } from './find.ts';
import { render } from './person.ts';

export function actsSection(person: Shown): HTMLElement {
  const made = section('acts', 'Actions', undefined);
  for (const act of acts) if (act.isFor(person)) made.rows.append(actRow(act, person));
  made.element.append(
    h(
      'p',
      { class: 'small soft' },
      'You can’t set a password or read a code. Every action asks for a reason and is recorded.',
    ),
  );
  return made.element;
}

const actRow = (act: Act, person: Shown): HTMLElement =>
  h(
    'div',
    { class: 'act' },
    h(
      'button',
      {
        type: 'button',
        class: act.isLoss ? 'in-row leads-to-loss' : 'in-row',
        click: () => open(act, person),
      },
      icon(act.icon),
      act.words,
    ),
    h('p', { class: 'small soft' }, act.hint),
  );

function open({ words, busy, effects, after, isLoss, done, name, question }: Act, person: Shown): void {
  const { account } = person;
  const reason = reasonField();
  openDialog({
    title: question(account.name),
    above: [
      h(
        'ul',
        { class: 'plain' },
        effects.map((effect) => h('li', {}, effect)),
      ),
      after && h('p', { class: 'small soft' }, after),
    ],
    fields: [reason],
    submit: words,
    busy,
    ...(isLoss && { tone: 'danger' }),
    async send() {
      const told = await send(name, person, reason.input.value.trim(), done);
      if (name === 'delete' && told.tone === 'good') {
        return () => {
          history.replaceState(null, '', '#');
          showFind(told);
        };
      }
      const now = await ask<Shown>(pathOf(account.id));
      return () => render(now, told);
    },
  });
}

const UNCHANGED: Told = {
  tone: 'information',
  title: 'Nothing was changed',
  text: 'There was nothing to do, or it may not be done now.',
};

/** @throws GatehouseError */
async function send(name: Act['name'], { account }: Shown, reason: string, done: string): Promise<Told> {
  const good: Told = { tone: 'good', title: done };
  if (name === 'suppress' || name === 'unsuppress') {
    const body = { email: account.email, reason };
    return (await ask<{ isChanged: boolean }>(`/api/mail/${name}`, body)).isChanged ? good : UNCHANGED;
  }
  const answer = await ask<{ outcome?: string }>(`${pathOf(account.id)}/${name}`, { reason });
  if (name === 'export') save(answer);
  else if (answer.outcome === 'unchanged') return UNCHANGED;
  return good;
}

function save(everything: unknown): void {
  const text = JSON.stringify(everything, undefined, 2);
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  h('a', { href: url, download: 'person.json' }).click();
  URL.revokeObjectURL(url);
}

const reasonField = () =>
  field('reason', {
    label: 'Reason',
    hint: 'Kept with your name. Leave out passwords and private details.',
    input: { type: 'text', autocomplete: 'off', maxlength: 500 },
    check: (text) =>
      text.trim().length < 3 ? 'Write a few words, so that a colleague can follow' : undefined,
    refusal: 'Use 3 to 500 plain characters, on one line',
  });
