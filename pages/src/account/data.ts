/** Everything that is held about somebody, to take along or to delete. */
import { GatehouseError } from '../../../packages/client/src/index.ts';
import { auth } from '../auth.ts';
import { h } from '../element.ts';
import { answerOf, factors, secondField } from '../factors/kit.ts';
import { type Field, passwordField } from '../field.ts';
import { settings } from '../settings.ts';
import { mainLink, showForm } from '../view.ts';
import { clock, date, t } from '../words.ts';
import { openDialog } from './dialog.ts';
import { acting, opener, row, type Section, section } from './rows.ts';

export function dataSection(going: (isGoing: boolean) => void): Section {
  const made = section('data', t('account.data'), undefined);
  const download = acting(t('data.download'), t('data.downloading'), made, async () => {
    const everything = JSON.stringify(await auth.account.export(), undefined, 2);
    const url = URL.createObjectURL(new Blob([everything], { type: 'application/json' }));
    h('a', { href: url, download: `${settings.product}.json` }).click();
    URL.revokeObjectURL(url);
    made.tell({ tone: 'good', title: t('data.done') });
  });
  made.rows.append(row('down', t('data.title'), t('data.text'), download));
  const act = opener(t('delete.submit'), () => deleteAccount(going), '', 'leads-to-loss');
  made.element.append(
    h('div', { class: 'rows loss' }, row('stop', t('delete.title'), t('delete.text'), act)),
  );
  return made;
}

function deleteAccount(going: (isGoing: boolean) => void): void {
  const proof = passwordField('password', t('field.currentPassword'));
  const second = secondField();
  openDialog({
    title: t('delete.question'),
    above: h(
      'ul',
      { class: 'plain' },
      [t('delete.sessions'), t('delete.gone'), t('delete.mail')].map((words) => h('li', {}, words)),
    ),
    fields: [proof],
    proof,
    second,
    submit: t('delete.submit'),
    busy: t('delete.busy'),
    tone: 'danger',
    async send() {
      going(true);
      try {
        const { erasedAt } = await deleteWith(proof.input.value, second);
        return () => showFarewell(new Date(erasedAt));
      } catch (error) {
        going(false);
        throw error;
      }
    },
  });
}

/** A passkey of somebody without an app is asked for at once, others for a code. */
async function deleteWith(password: string, second: Field): Promise<{ erasedAt: string }> {
  if (!second.element.hidden) return auth.account.delete({ password, secondFactor: answerOf(second) });
  try {
    return await auth.account.delete({ password });
  } catch (error) {
    const isOwed = error instanceof GatehouseError && error.code === 'second_factor_required';
    if (!isOwed || (await factors.list()).totp) throw error;
    return auth.account.delete(await factors.stepUp({ purpose: 'delete-account' }));
  }
}

/** After a change of address the data is kept until nobody can undo that any more. */
function showFarewell(erasedAt: Date): void {
  const isLater = erasedAt.getTime() > Date.now() + 60_000;
  const at = `${date(erasedAt)}, ${clock(erasedAt)}`;
  showForm({
    title: t('deleted.title'),
    well: ['tick', 'good'],
    intro: isLater ? t('deleted.later', { at }) : t('deleted.text'),
    body: mainLink(t('login.create'), '/signup'),
  });
}
