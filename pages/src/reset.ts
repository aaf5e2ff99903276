/** The link of a reset mail: one new password. A password that is not acceptable leaves the link as it was. */
import { auth } from './auth.ts';
import { hiddenUsername, newPasswordField } from './field.ts';
import { form } from './form.ts';
import { settings, tab, to } from './settings.ts';
import { keptToken } from './verify.ts';
import { link, mainLink, showForm } from './view.ts';
import { amount, t } from './words.ts';

export function showReset(): void {
  const token = keptToken();
  if (token === undefined) showOver();
  else choose(token);
}

function choose(token: string): void {
  const email = tab.get('email') ?? '';
  const password = newPasswordField('newPassword', t('field.newPassword'));
  const { element } = form({
    fields: [password],
    above: hiddenUsername(email),
    submit: t('reset.submit'),
    busy: t('reset.busy'),
    async send() {
      await auth.resetPassword({ token, newPassword: password.input.value });
      history.replaceState(null, '');
      showForm({
        title: t('reset.done'),
        well: ['tick', 'good'],
        intro: t('reset.done.text'),
        body: mainLink(t('login.submit'), to('/login')),
      });
    },
    refused(error) {
      if (error.code !== 'invalid_code') return undefined;
      history.replaceState(null, '');
      showOver();
      return 'handled';
    },
  });
  showForm({
    title: t('reset.title'),
    intro: email ? t('reset.intro.for', { email }) : t('reset.intro'),
    body: element,
    under: link(t('back'), to('/login')),
  });
}

function showOver(): void {
  showForm({
    title: t('over.title'),
    well: ['clock', 'warn'],
    intro: t('over.text', { life: amount(settings.resetSeconds) }),
    body: mainLink(t('over.again'), to('/forgot-password')),
    under: link(t('back'), to('/login')),
  });
}
