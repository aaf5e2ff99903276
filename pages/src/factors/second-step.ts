/** The second step of a log-in: the app first, then the other ways. */
import type { GatehouseError } from '../../../packages/client/src/index.ts';
import { type Child, h } from '../element.ts';
import { codeField, digits, type Field } from '../field.ts';
import { form } from '../form.ts';
import type { Told } from '../notice.ts';
import { to } from '../settings.ts';
import { link, showForm, type Way, ways } from '../view.ts';
import { t } from '../words.ts';
import { showEnrolment } from './enrolment.ts';
import { beganAgain, type Challenge, factors, recoveryField } from './kit.ts';
import { endOffer } from './passkey-login.ts';

type Method = Exclude<Challenge['methods'][number], 'enrolment'>;

export function showSecondStep(challenge: Challenge): void {
  const [first] = methodsOf(challenge);
  if (first === undefined) showEnrolment(challenge);
  else showStep(challenge, first);
}

const methodsOf = ({ methods }: Challenge): Method[] => methods.filter((one) => one !== 'enrolment');

function showStep(challenge: Challenge, by: Method): void {
  const trust = h('input', { type: 'checkbox' });
  const shown: Field | undefined =
    by === 'totp' ? codeField(t('second.code')) : by === 'recovery' ? recoveryField() : undefined;
  const { element } = form({
    fields: shown ? [shown] : [],
    between: h('label', { class: 'tick' }, trust, t('second.trust')),
    submit: t(by === 'passkey' ? 'passkey.use' : 'second.submit'),
    busy: t('login.busy'),
    async send() {
      const value = shown?.input.value ?? '';
      const trustDevice = trust.checked;
      if (by === 'passkey') {
        await endOffer();
        await factors.finishWithPasskey(challenge, { trustDevice });
      } else if (by === 'totp') await factors.finish(challenge, { code: digits(value), trustDevice });
      else await factors.finish(challenge, { recoveryCode: value, trustDevice });
    },
    refused: (error) => refusedStep(error, shown),
  });
  const others = methodsOf(challenge).filter((one) => one !== by);
  showForm({
    title: t('second.title'),
    intro: t(`second.by.${by}`),
    body: [element, others.length > 0 && otherWays(challenge, others)],
    under: link(t('second.other'), to('/login')),
  });
  shown?.input.focus();
}

function otherWays(challenge: Challenge, others: Method[]): Child {
  const all: Record<Method, Omit<Way, 'go'>> = {
    totp: { icon: 'clock', title: t('second.way.totp'), hint: t('second.way.totp.hint') },
    passkey: { icon: 'key', title: t('second.way.passkey'), hint: t('passkeys.hint') },
    recovery: { icon: 'list', title: t('second.way.recovery'), hint: t('second.way.recovery.hint') },
  };
  return h(
    'div',
    { class: 'stack' },
    h('h2', {}, t('second.ways')),
    ways(others.map((one) => ({ ...all[one], go: () => showStep(challenge, one) }))),
  );
}

function refusedStep(error: GatehouseError, shown: Field | undefined): Told | 'handled' | undefined {
  if (error.code === 'invalid_ticket') return beganAgain();
  if (error.code !== 'wrong_second_factor' || shown === undefined) return undefined;
  shown.input.value = '';
  shown.input.focus();
  return { tone: 'bad', title: t('code.wrong'), text: t('second.wrong') };
}
