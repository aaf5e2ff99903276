/** The link in the old mailbox of a change of address: it needs no login, for whoever asked may have it. */
import { auth } from './auth.ts';
import { form } from './form.ts';
import { settings, to } from './settings.ts';
import { keptToken } from './verify.ts';
import { link, mainLink, showForm } from './view.ts';
import { t } from './words.ts';

export function showUndo(): void {
  const token = keptToken();
  if (token === undefined) showNothing();
  else ask(token);
}

function ask(token: string): void {
  const { element } = form({
    fields: [],
    submit: t('undo.submit'),
    busy: t('undo.busy'),
    async send() {
      const outcome = await auth.account.takeBackEmail({ token });
      history.replaceState(null, '');
      if (outcome === 'none') showNothing();
      else showTakenBack(outcome);
    },
    refused(error) {
      if (error.code !== 'invalid_code') return undefined;
      showNothing();
      return 'handled';
    },
  });
  showForm({
    title: t('undo.title'),
    intro: t('undo.intro'),
    body: element,
    under: link(t('back'), to('/login')),
  });
}

function showTakenBack(outcome: 'cancelled' | 'undone'): void {
  showForm({
    title: t(`undo.${outcome}`),
    well: ['tick', 'good'],
    intro: t(`undo.${outcome}.text`),
    body: mainLink(t('forgot.title'), to('/forgot-password')),
  });
}

function showNothing(): void {
  showForm({
    title: t('undo.none'),
    well: ['clock', 'warn'],
    intro: t('undo.none.text'),
    body: settings.support
      ? mainLink(t('failure.support'), settings.support)
      : mainLink(t('login.submit'), to('/login')),
    under: link(t('back'), to('/login')),
  });
}
