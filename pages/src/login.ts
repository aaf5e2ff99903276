/** Log in, and the state in which the password is paused. */
import { GatehouseError } from '../../packages/client/src/index.ts';
import { auth, leaveFor } from './auth.ts';
import { begunSignUp, remember } from './begun.ts';
import { type Child, h } from './element.ts';
import { toldOf } from './failures.ts';
import { emailField, passwordField } from './field.ts';
import { busyButton, type Form, form } from './form.ts';
import { icon } from './icons.ts';
import { notice, noticePlace, type Told } from './notice.ts';
import { secondModule } from './second-module.ts';
import { settings, tab, to } from './settings.ts';
import { link, showForm, ways } from './view.ts';
import { at } from './waiting.ts';
import { amount, clock, rich, t } from './words.ts';

/** Where somebody goes who is logged in. */
const inside = (): string => settings.returnTo ?? '/account';

export function showLogin(told?: Told): void {
  const email = emailField('email', t('field.email'), tab.get('email'));
  const password = passwordField();
  const { element, tell } = form({
    fields: [email, password],
    submit: t('login.submit'),
    busy: t('login.busy'),
    below: [link(t('login.forgot'), to('/forgot-password')), passkeyButton(() => tell)],
    async send() {
      tab.set('email', email.input.value.trim());
      try {
        await auth.logIn({ email: email.input.value, password: password.input.value });
      } catch (error) {
        if (!(error instanceof GatehouseError) || error.challenge === undefined) throw error;
        (await secondModule()).showSecondStep(error.challenge);
      }
    },
    refused(error) {
      if (error.code === 'invalid_credentials') {
        password.input.value = '';
        password.input.focus();
      }
      return refusedLogin(error, email.input.value.trim());
    },
  });
  showForm({
    title: t('login.title'),
    body: element,
    under: [t('login.new'), ' ', link(t('login.create'), to('/signup'))],
  });
  tell(told);
  void offerPasskeys(tell);
  // Somebody who is logged in, here or in another tab, has nothing to do here; nobody waits for the answer.
  auth.onChange(({ status }) => {
    if (status === 'signedIn') leaveFor(inside());
  });
}

function refusedLogin(error: GatehouseError, email: string): Told | 'handled' | undefined {
  if (error.code === 'invalid_credentials') {
    const reset = link(t('login.wrong.reset'), to('/forgot-password'));
    return { tone: 'bad', title: t('login.wrong'), text: rich('login.wrong.text', { reset }) };
  }
  if (error.code === 'email_not_verified' && error.id !== undefined) {
    const begun = begunSignUp();
    const isThis = begun?.id === error.id;
    remember(isThis ? begun : { id: error.id, email, sentAt: 0, misses: 0, resends: 0 });
    leaveFor(to('/verify-email'));
    return 'handled';
  }
  if (error.code === 'login_locked') {
    showPaused(Date.now() + (error.retryAfter ?? 60) * 1_000);
    return 'handled';
  }
  return undefined;
}

/** In the field, where the browser can: only then is the second module needed before anything is pressed. */
async function offerPasskeys(tell: Form['tell']): Promise<void> {
  if (await globalThis.PublicKeyCredential?.isConditionalMediationAvailable?.())
    // Nobody has asked for anything yet: without the module there is only no list.
    await secondModule().then(
      (second) => second.offerPasskeys(tell),
      () => {},
    );
}

async function withPasskey(tell: Form['tell']): Promise<void> {
  try {
    await (await secondModule()).logInWithPasskey(tell);
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    tell(toldOf(error));
  }
}

function passkeyButton(tell: () => Form['tell']): Child {
  const { element, during } = busyButton(t('passkey.use'), t('login.busy'), { type: 'button' });
  element.prepend(icon('key'));
  element.addEventListener('click', () => void during(() => withPasskey(tell())));
  return [h('p', { class: 'or' }, t('or')), element];
}

/** The form gives way to when, and to the ways out. */
function showPaused(until: number): void {
  const seconds = (until - Date.now()) / 1_000;
  const { element, tell } = noticePlace();
  const wait = h('div', { role: 'status' });
  wait.append(
    notice({
      tone: 'warn',
      title: t('paused.until', { at: clock(new Date(until)) }),
      text: t('paused.wait', { left: amount(seconds) }),
    }),
  );
  showForm({
    title: t('paused.title'),
    intro: t('paused.intro'),
    body: [
      element,
      wait,
      h(
        'div',
        { class: 'stack' },
        h('h2', {}, t('paused.ways')),
        ways([
          {
            icon: 'key',
            title: t('passkey.use'),
            hint: t('paused.passkey.hint'),
            go: () => void withPasskey(tell),
          },
          {
            icon: 'again',
            title: t('paused.reset'),
            hint: t('paused.reset.hint'),
            go: to('/forgot-password'),
          },
          { icon: 'laptop', title: t('paused.device'), hint: t('paused.device.hint') },
        ]),
      ),
    ],
    under: link(t('back'), to('/login')),
  });
  at(until, () => {
    wait.replaceChildren(
      notice({ tone: 'good', title: t('paused.over'), text: link(t('login.again'), to('/login')) }),
    );
  });
}
