/** A log-in that needs a second factor, by somebody who has none: the mailed code, then the first authenticator app. */
import type { GatehouseError } from '../../../packages/client/src/index.ts';
import { h } from '../element.ts';
import { codeField, digits, type Field } from '../field.ts';
import { form } from '../form.ts';
import type { Told } from '../notice.ts';
import { settings, to } from '../settings.ts';
import { link, showForm } from '../view.ts';
import { t } from '../words.ts';
import { appPicture } from './authenticator.ts';
import { beganAgain, type Challenge, factors } from './kit.ts';
import { showCodes } from './recovery.ts';

export function showEnrolment(challenge: Challenge): void {
  const code = codeField();
  const { element } = form({
    fields: [code],
    submit: t('second.submit'),
    busy: t('code.busy'),
    async send() {
      scan(await factors.beginEnrolment(challenge, { code: digits(code.input.value) }));
    },
    refused: (error) => refusedCode(error, 'invalid_code', code, t('enrol.wrong')),
  });
  showForm({
    title: t('code.title'),
    intro: t('enrol.intro', { product: settings.product }),
    body: [element, h('p', { class: 'small soft' }, t('enrol.nothing'))],
    under: link(t('second.other'), to('/login')),
  });
}

type Begun = Awaited<ReturnType<typeof factors.beginEnrolment>>;

function scan(begun: Begun): void {
  const code = codeField(t('second.code'));
  const { element } = form({
    above: appPicture(begun),
    fields: [code],
    submit: t('login.submit'),
    busy: t('login.busy'),
    async send() {
      const input = { ticket: begun.ticket, code: digits(code.input.value) };
      // The page is left once the log-in is over: not before the codes are saved.
      await factors.enrol(input, (codes) => new Promise((resolve) => showCodes(codes, resolve)));
    },
    refused: (error) => refusedCode(error, 'wrong_second_factor', code, t('second.wrong')),
  });
  showForm({ title: t('app.scan.title'), body: element, under: link(t('second.other'), to('/login')) });
}

function refusedCode(
  error: GatehouseError,
  wrong: GatehouseError['code'],
  { input }: Field,
  text: string,
): Told | 'handled' | undefined {
  if (error.code === 'invalid_ticket') return beganAgain();
  if (error.code !== wrong) return undefined;
  input.value = '';
  input.focus();
  return { tone: 'bad', title: t('code.wrong'), text };
}
