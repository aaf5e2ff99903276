/** Finds people by what somebody says on the telephone. What was found last is still there on the way back. */
import { row } from '../account/rows.ts';
import { type Child, h } from '../element.ts';
import { field } from '../field.ts';
import { form } from '../form.ts';
import type { Told } from '../notice.ts';
import { heading, link } from '../view.ts';
import type { Found } from './answers.ts';
import { ask } from './ask.ts';
import { show, stateBadge, time } from './frame.ts';

let last = '';
let found: Found[] | undefined;

/** `told`: what came of an act after which the person is no more. */
export function showFind(told?: Told): void {
  if (told) found = undefined;
  const results = h('div', { role: 'status' }, resultsOf(found));
  const search = field('search', {
    label: 'Find a person',
    hint: 'The beginning of an address, an id, or the id in another system',
    input: { type: 'search', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', value: last },
    refusal: 'Use an id, or at least 3 characters of an address',
  });
  const { element, tell } = form({
    fields: [search],
    submit: 'Find',
    busy: 'Finding…',
    async send() {
      last = search.input.value.trim();
      const answer = await ask<{ people: Found[] }>(`/api/people?search=${encodeURIComponent(last)}`);
      found = answer.people;
      results.replaceChildren(resultsOf(found));
    },
  });
  element.classList.add('find');
  show('People', heading('People'), element, results);
  tell(told);
}

function resultsOf(people: Found[] | undefined): HTMLElement {
  const rows = people?.map(personRow) ?? [];
  const none: Child = people && h('p', {}, 'Nobody has such an address or id. Try a shorter beginning.');
  return h(
    'section',
    { class: 'section', 'aria-label': 'Who was found' },
    h('p', { class: 'small soft' }, 'Each look at a person is recorded with your name.'),
    rows.length > 0 ? h('div', { class: 'rows' }, rows) : none,
    rows.length === 50 && h('p', { class: 'small soft' }, 'There may be more. Write more of the address.'),
  );
}

const personRow = ({ id, name, email, state, createdAt }: Found): HTMLElement =>
  row(undefined, [link(name, `#${id}`), stateBadge(state)], [email, ' · joined ', time(createdAt)]);
