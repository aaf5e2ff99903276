/** The password of somebody who is logged in. */
import { auth } from '../auth.ts';
import { h } from '../element.ts';
import { factorRows } from '../factors/rows.ts';
import { hiddenUsername, newPasswordField, passwordField } from '../field.ts';
import { t } from '../words.ts';
import { openDialog } from './dialog.ts';
import { load, opener, row, type Section, section } from './rows.ts';

/** `changed`: the history has one more, and other devices may be logged out. */
export function loggingInSection(email: () => string, changed: () => void): Section & { change(): void } {
  const made = section('logging-in', t('account.loggingIn'), t('account.loggingIn.text'));
  const change = () => changePassword(made, email(), changed);
  const group = h('div', { class: 'group' });
  const refresh = (): Promise<void> => load(group, t('account.loading'), () => factorRows(made, again));
  const again = () => {
    void refresh();
    changed();
  };
  void refresh();
  made.rows.append(
    row('lock', t('field.password'), t('password.text'), opener(t('change'), change, t('field.password'))),
    group,
  );
  return { ...made, change };
}

function changePassword({ tell }: Section, email: string, changed: () => void): void {
  const proof = passwordField('currentPassword', t('field.currentPassword'));
  const password = newPasswordField('newPassword', t('field.newPassword'));
  openDialog({
    title: t('password.title'),
    above: hiddenUsername(email),
    fields: [proof, password],
    proof,
    between: h('p', { class: 'small soft' }, t('password.others')),
    submit: t('reset.submit'),
    busy: t('reset.busy'),
    async send() {
      await auth.account.changePassword({
        currentPassword: proof.input.value,
        newPassword: password.input.value,
      });
      return () => {
        tell({ tone: 'good', title: t('reset.done'), text: t('password.done') });
        changed();
      };
    },
  });
}
