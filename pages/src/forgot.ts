/** Asking for a reset link: the same answer for every address. */
import { auth } from './auth.ts';
import { h } from './element.ts';
import { emailField } from './field.ts';
import { form } from './form.ts';
import { noticePlace } from './notice.ts';
import { settings, tab, to } from './settings.ts';
import { PAUSE_MS, tellWait } from './verify.ts';
import { link, showForm } from './view.ts';
import { waitingButton } from './waiting.ts';
import { amount, rich, t } from './words.ts';

export function showForgot(): void {
  askForLink({ title: t('forgot.title'), intro: t('forgot.intro') });
}

/** Where mails about a login lead. The link does not say whose it was, so the person enters the address. */
export function showWasThisYou(): void {
  askForLink({ title: t('notYou.title'), intro: t('notYou.intro') });
}

function askForLink(words: { title: string; intro: string }): void {
  const email = emailField('email', t('field.email'), tab.get('email'));
  const { element } = form({
    fields: [email],
    submit: t('forgot.submit'),
    busy: t('forgot.busy'),
    async send() {
      const given = email.input.value.trim();
      tab.set('email', given);
      await auth.forgotPassword({ email: given });
      showSent(given);
    },
  });
  showForm({ ...words, body: element, under: link(t('back'), to('/login')) });
}

function showSent(email: string): void {
  const { element, tell } = noticePlace();
  const words = { press: 'sent.again', busy: 'code.sending', wait: 'sent.wait' } as const;
  const button = waitingButton(words, async () => {
    try {
      await auth.forgotPassword({ email });
      tell({ tone: 'good', title: t('sent.repeated'), text: t('sent.repeated.text') });
      button.waitUntil(Date.now() + PAUSE_MS);
    } catch (error) {
      tellWait(error, tell, button.waitUntil);
    }
  });
  showForm({
    title: t('code.title'),
    well: ['mail', ''],
    intro: rich('sent.intro', { email: h('strong', {}, email), life: amount(settings.resetSeconds) }),
    body: [
      element,
      h('div', { class: 'stack' }, h('p', { class: 'small soft' }, t('sent.nothing')), button.element),
    ],
    under: link(t('sent.other'), to('/forgot-password')),
  });
  button.waitUntil(Date.now() + PAUSE_MS);
}
