/** Who somebody is: the name, and the address with its change. */
import type { User } from '../../../packages/client/src/index.ts';
import { auth } from '../auth.ts';
import { hasRunOut, missed, type Tried } from '../begun.ts';
import { h } from '../element.ts';
import { answerOf, secondField } from '../factors/kit.ts';
import { codeField, digits, emailField, field, passwordField } from '../field.ts';
import { icon } from '../icons.ts';
import { settings, tab } from '../settings.ts';
import { amount, date, rich, t } from '../words.ts';
import { openDialog } from './dialog.ts';
import { fact, load, opener, type Section, section } from './rows.ts';

/** A change of address that waits for its code, over a reload. */
type Waiting = Tried & { email: string };
const KEY = 'address-change';

const waiting = (): Waiting | undefined => {
  const kept = tab.get(KEY);
  const change = kept && (JSON.parse(kept) as Waiting);
  return change && !hasRunOut(change) ? change : undefined;
};
const keep = (change: Waiting | undefined) => tab.set(KEY, change && JSON.stringify(change));

/** `changed`: something happened that the history shows. */
export function profileSection(onProfile: (user: User) => void, changed: () => void): Section {
  const made = section('profile', t('account.profile'), undefined);
  const refresh = (): Promise<void> =>
    load(made.rows, t('account.loading'), async () => {
      const user = await auth.account.profile();
      onProfile(user);
      return rowsOf(user, made, again);
    });
  const again = () => {
    void refresh();
    changed();
  };
  void refresh();
  return made;
}

function rowsOf(user: User, made: Section, refresh: () => void): HTMLElement[] {
  const change = waiting();
  const confirmed = h('span', { class: 'badge good' }, icon('tick'), t('profile.confirmed'));
  const rows = [
    fact(
      t('profile.name'),
      user.name,
      opener(t('change'), () => rename(user, made, refresh), t('profile.name')),
    ),
    fact(
      t('field.email'),
      [h('span', {}, user.email), confirmed],
      opener(t('change'), () => changeEmail(made, refresh), t('field.email')),
    ),
  ];
  if (change) {
    const enter = opener(t('email.enter'), () => confirmEmail(change, made, refresh));
    rows.push(fact(t('email.new'), [change.email, h('span', { class: 'badge' }, t('email.waits'))], enter));
  }
  return [...rows, fact(t('profile.since'), date(new Date(user.createdAt)))];
}

function rename(user: User, { tell }: Section, refresh: () => void): void {
  const name = field('name', {
    label: t('field.name'),
    input: { type: 'text', autocomplete: 'name', maxlength: 100, value: user.name },
  });
  openDialog({
    title: t('name.title'),
    fields: [name],
    submit: t('name.submit'),
    busy: t('saving'),
    async send() {
      await auth.account.rename({ name: name.input.value });
      return () => {
        tell({ tone: 'good', title: t('name.done') });
        refresh();
      };
    },
  });
}

function changeEmail(made: Section, refresh: () => void): void {
  const email = emailField('newEmail', t('email.new'));
  const proof = passwordField('currentPassword', t('field.currentPassword'));
  const second = secondField();
  openDialog({
    title: t('email.title'),
    above: h('p', { class: 'small soft' }, t('email.text')),
    fields: [email, proof],
    proof,
    second,
    submit: t('email.submit'),
    busy: t('code.sending'),
    async send() {
      const given = email.input.value.trim();
      const secondFactor = second.element.hidden ? undefined : answerOf(second);
      await auth.account.changeEmail({ newEmail: given, currentPassword: proof.input.value, secondFactor });
      const change = { email: given, sentAt: Date.now(), misses: 0 };
      keep(change);
      return () => {
        refresh();
        confirmEmail(change, made, refresh);
      };
    },
  });
}

function confirmEmail(change: Waiting, { tell }: Section, refresh: () => void): void {
  const code = codeField();
  openDialog({
    title: t('code.title'),
    above: h(
      'p',
      { class: 'soft' },
      rich('code.intro', { email: h('strong', {}, change.email), life: amount(settings.code.seconds) }),
    ),
    fields: [code],
    between: h('p', { class: 'small soft' }, t('email.others')),
    submit: t('email.confirm'),
    busy: t('saving'),
    async send() {
      await auth.account.confirmEmail({ code: digits(code.input.value) });
      keep(undefined);
      return () => {
        tell({
          tone: 'good',
          title: t('email.done'),
          text: t('email.done.text', { life: amount(settings.undoSeconds) }),
        });
        refresh();
      };
    },
    refused(error) {
      if (error.code !== 'invalid_code') return undefined;
      code.input.value = '';
      code.input.focus();
      change.misses++;
      keep(change);
      return (
        missed(change, t('email.again')) ?? { tone: 'bad', title: t('code.over'), text: t('email.again') }
      );
    },
  });
}
