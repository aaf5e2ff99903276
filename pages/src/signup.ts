/** Sign up. A taken address looks exactly like a fresh one. */
import { auth } from './auth.ts';
import { remember } from './begun.ts';
import { h } from './element.ts';
import { emailField, field, newPasswordField } from './field.ts';
import { form } from './form.ts';
import { settings, tab, to } from './settings.ts';
import { link, showForm } from './view.ts';
import { rich, t } from './words.ts';

export function showSignUp(): void {
  const name = field('name', {
    label: t('field.name'),
    input: { type: 'text', autocomplete: 'name', maxlength: 100 },
  });
  const email = emailField('email', t('field.email'), tab.get('email'));
  const password = newPasswordField('password', t('field.password'));
  const { element } = form({
    fields: [name, email, password],
    submit: t('signup.submit'),
    busy: t('signup.busy'),
    below: agreement(),
    async send() {
      const given = email.input.value.trim();
      const { id } = await auth.signUp({
        name: name.input.value,
        email: given,
        password: password.input.value,
      });
      tab.set('email', given);
      remember({ id, email: given, sentAt: Date.now(), misses: 0, resends: 0 });
      // The sign-up stays in the history: one step back corrects it.
      location.assign(to('/verify-email'));
    },
  });
  showForm({
    title: t('signup.title'),
    intro: t('signup.intro'),
    body: element,
    under: [t('signup.known'), ' ', link(t('login.submit'), to('/login'))],
  });
}

function agreement() {
  const { terms, privacy } = settings;
  if (terms === undefined) return undefined;
  const values = {
    terms: link(t('signup.terms'), terms),
    privacy: privacy && link(t('signup.privacy'), privacy),
  };
  return h('p', { class: 'small soft' }, rich(privacy ? 'signup.agree.both' : 'signup.agree', values));
}
