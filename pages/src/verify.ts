/** Proving the address: by the mailed code, or by the link, which needs one press or the password. */
import { GatehouseError, linkToken } from '../../packages/client/src/index.ts';
import { auth } from './auth.ts';
import { type Begun, begunSignUp, hasRunOut, missed, remember } from './begun.ts';
import { type Child, h } from './element.ts';
import { toldOf } from './failures.ts';
import { codeField, digits, passwordField } from './field.ts';
import { type Form, form } from './form.ts';
import { settings, to } from './settings.ts';
import { link, mainLink, showForm } from './view.ts';
import { waitingButton } from './waiting.ts';
import { amount, rich, t } from './words.ts';

/** So that a mail is not asked for twice before it can have arrived. */
export const PAUSE_MS = 60_000;

export function showVerify(): void {
  const token = keptToken();
  const begun = begunSignUp();
  if (token !== undefined) showLink(token, begun);
  else if (begun !== undefined) showCode(begun);
  else showUnknown();
}

/** The token of the link, over a reload too: it leaves the address bar, but not this entry of the history. */
export function keptToken(): string | undefined {
  const token = linkToken();
  if (token !== undefined) history.replaceState({ token }, '');
  return (history.state as { token?: string } | null)?.token;
}

function showCode(begun: Begun): void {
  const code = codeField();
  const made: Form = form({
    fields: [code],
    submit: t('code.submit'),
    busy: t('code.busy'),
    async send() {
      await auth.verify({ id: begun.id, code: digits(code.input.value) });
      showDone();
    },
    refused(error) {
      if (error.code !== 'invalid_code') return undefined;
      code.input.value = '';
      code.input.focus();
      if (!hasRunOut(begun)) begun.misses++;
      remember(begun);
      return (
        missed(begun, t('code.over.text')) ?? {
          tone: 'bad',
          title: t('code.used'),
          text: rich('code.used.text', { again: startAgain(t('code.startAgain')) }),
        }
      );
    },
  });
  showForm({
    title: t('code.title'),
    intro: begun.sentAt
      ? rich('code.intro', { email: h('strong', {}, begun.email), life: amount(settings.code.seconds) })
      : rich('code.intro.earlier', { email: h('strong', {}, begun.email) }),
    body: [made.element, nothingYet(begun, made)],
    under: [t('code.wrongAddress'), ' ', startAgain(t('code.startAgain'))],
  });
}

function nothingYet(begun: Begun, { tell }: Form): HTMLElement {
  const words = { press: 'code.resend', busy: 'code.sending', wait: 'code.wait' } as const;
  const button = waitingButton(words, async () => {
    try {
      await auth.resend({ id: begun.id });
      Object.assign(begun, { sentAt: Date.now(), resends: begun.resends + 1 });
      remember(begun);
      tell({ tone: 'good', title: t('code.sent'), text: t('code.sent.text') });
      button.waitUntil(Date.now() + PAUSE_MS);
    } catch (error) {
      tellWait(error, tell, button.waitUntil);
    }
    if (begun.resends >= settings.code.resends)
      place.replaceChildren(h('p', { class: 'small soft' }, t('code.noMore')));
  });
  button.waitUntil(begun.sentAt + PAUSE_MS);
  const place = h('div', { class: 'stack' });
  place.append(
    h('h2', {}, t('code.nothing')),
    h(
      'p',
      { class: 'small soft' },
      t(begun.resends < settings.code.resends ? 'code.nothing.text' : 'code.noMore'),
    ),
  );
  if (begun.resends < settings.code.resends) place.append(...button.element);
  return place;
}

/** A refusal of a button: its words, and the time that the service wants to pass. */
export function tellWait(error: unknown, tell: Form['tell'], waitUntil: (until: number) => void): void {
  if (!(error instanceof GatehouseError)) throw error;
  tell(toldOf(error));
  if (error.retryAfter !== undefined) waitUntil(Date.now() + error.retryAfter * 1_000);
}

function showLink(token: string, begun: Begun | undefined): void {
  const password = begun === undefined ? passwordField('password', t('link.password')) : undefined;
  const { element } = form({
    fields: password ? [password] : [],
    submit: t('link.submit'),
    busy: t('code.busy'),
    async send() {
      await auth.verify(
        password ? { token, password: password.input.value } : { token, id: begun?.id ?? '' },
      );
      showDone();
    },
    refused(error) {
      if (error.code !== 'invalid_code') return undefined;
      // Of another sign-up than the one this browser knows: whose it is, the password says.
      if (!password) showLink(token, undefined);
      else password.input.value = '';
      const ways = { login: link(t('link.login'), to('/login')), again: startAgain(t('link.signup')) };
      return password
        ? { tone: 'bad', title: t('link.wrong'), text: rich('link.wrong.text', ways) }
        : 'handled';
    },
  });
  showForm({
    title: t('link.title'),
    intro: password ? t('link.intro.password') : rich('link.intro', { email: h('strong', {}, begun?.email) }),
    body: element,
    under: link(t('back'), to('/login')),
  });
}

function showDone(): void {
  remember(undefined);
  history.replaceState(null, '');
  showForm({
    title: t('verified.title'),
    well: ['tick', 'good'],
    intro: t('verified.text'),
    body: mainLink(t('login.submit'), to('/login')),
  });
}

/** This browser knows neither a link nor a sign-up. */
function showUnknown(): void {
  showForm({
    title: t('unknown.title'),
    well: ['mail', ''],
    intro: t('unknown.text'),
    body: mainLink(t('login.submit'), to('/login')),
    under: [t('login.new'), ' ', link(t('login.create'), to('/signup'))],
  });
}

const startAgain = (words: string): Child =>
  h('a', { href: to('/signup'), click: () => remember(undefined) }, words);
