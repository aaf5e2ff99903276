/** Fields: label, hint, fault, box, in this order, so that neither keyboard nor suggestions cover the fault. */
import { type Child, h, newId, nodes } from './element.ts';
import { icon } from './icons.ts';
import { settings } from './settings.ts';
import { t } from './words.ts';

export type Field = {
  /** As the API calls it in `errors`. */
  name: string;
  label: string;
  element: HTMLElement;
  input: HTMLInputElement;
  /** Says what is wrong, or no longer. */
  fault(words: string | undefined): void;
  /** What is wrong with it before anything is sent. Nothing, while it is hidden. */
  check(): string | undefined;
  /** What to say when the service refuses it; without it, what failures.ts says of its name. */
  refusal?: string | undefined;
};

type Options = {
  label: string;
  hint?: string;
  /** Attributes of the input. */
  input: Record<string, string | number | boolean | undefined>;
  /** In the box, behind the input. */
  inside?: (input: HTMLInputElement) => Child;
  below?: Child;
  check?: (value: string) => string | undefined;
  refusal?: string;
};

export function field(
  name: string,
  { label, hint, input: attributes, inside, below, check, refusal }: Options,
): Field {
  const id = newId();
  const input = h('input', { id, name, 'aria-describedby': `${id}-fault ${id}-hint`, ...attributes });
  const fault = h('p', { id: `${id}-fault`, class: 'fault', hidden: true });
  const element = h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    hint && h('p', { class: 'hint', id: `${id}-hint` }, hint),
    fault,
    h('div', { class: inside ? 'box has-reveal' : 'box' }, input, inside?.(input)),
    below,
  );
  return {
    name,
    label,
    element,
    input,
    refusal,
    fault(words) {
      fault.replaceChildren(...nodes(words && [icon('alert'), h('span', {}, words)]));
      fault.hidden = words === undefined;
      if (words) input.setAttribute('aria-invalid', 'true');
      else input.removeAttribute('aria-invalid');
    },
    check() {
      if (element.hidden) return undefined;
      return input.value === '' ? t('fault.empty') : check?.(input.value);
    },
  };
}

export const emailField = (name = 'email', label = t('field.email'), value = ''): Field =>
  field(name, {
    label,
    input: {
      type: 'email',
      autocomplete: name === 'email' ? 'username webauthn' : 'email',
      autocapitalize: 'none',
      spellcheck: 'false',
      value,
    },
    check: (given) => (/^\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*$/.test(given) ? undefined : t('fault.email')),
  });

/** The password that somebody has. */
export const passwordField = (name = 'password', label = t('field.password')): Field =>
  field(name, { label, input: { type: 'password', autocomplete: 'current-password' }, inside: reveal });

/** The password that somebody chooses; its rules are said before it is typed. */
export function newPasswordField(name: string, label: string): Field {
  const { min, max, isCheckedForLeaks } = settings.password;
  const length = h('li');
  const secrecy = h('li');
  const rule = (row: HTMLElement, state: '' | 'met' | 'failed', words: string) => {
    row.className = state;
    row.replaceChildren(icon(state === 'met' ? 'done' : state ? 'alert' : 'circle'), h('span', {}, words));
  };
  const tell = () => {
    const count = [...made.input.value.normalize('NFC')].length;
    const missing = count > 0 && count < min ? t('rule.more', { count: min - count }) : '';
    rule(length, count >= min && count <= max ? 'met' : '', t('rule.length', { min }) + missing);
    rule(secrecy, '', t(isCheckedForLeaks ? 'rule.leak' : 'rule.guess'));
  };
  const made = field(name, {
    label,
    input: {
      type: 'password',
      autocomplete: 'new-password',
      passwordrules: `minlength: ${min}; maxlength: ${max}`,
    },
    inside: reveal,
    below: h('ul', { class: 'rules' }, length, secrecy),
    check(value) {
      const count = [...value.normalize('NFC')].length;
      if (count < min) return t('fault.short', { min, count: min - count });
      return count > max ? t('fault.length', { min, max }) : undefined;
    },
  });
  made.input.addEventListener('input', tell);
  tell();
  const say = made.fault;
  return {
    ...made,
    fault(words) {
      say(words);
      tell();
      if (words && made.check() === undefined) rule(secrecy, 'failed', secrecy.innerText);
    },
  };
}

/** For password managers, which keep a new password under this name. */
export const hiddenUsername = (email: string): HTMLElement =>
  h('input', {
    class: 'silent',
    type: 'text',
    name: 'username',
    autocomplete: 'username',
    value: email,
    tabindex: -1,
    'aria-hidden': 'true',
    readonly: true,
  });

/** One input for six digits; spaces that were pasted along do no harm. */
export const codeField = (label = t('field.code')): Field =>
  field('code', {
    label,
    input: {
      class: 'code',
      inputmode: 'numeric',
      autocomplete: 'one-time-code',
      autocapitalize: 'none',
      spellcheck: 'false',
    },
    check: (value) => (/^\d{6}$/.test(digits(value)) ? undefined : t('fault.code')),
  });

export const digits = (value: string): string => value.replace(/[\s-]/g, '');

function reveal(input: HTMLInputElement): HTMLElement {
  const button = h(
    'button',
    {
      type: 'button',
      class: 'reveal',
      'aria-pressed': 'false',
      'aria-controls': input.id,
      click: () => toggle(input.type === 'password'),
    },
    t('field.show'),
  );
  function toggle(isShown: boolean) {
    input.type = isShown ? 'text' : 'password';
    button.textContent = t(isShown ? 'field.hide' : 'field.show');
    button.setAttribute('aria-pressed', `${isShown}`);
  }
  input.addEventListener('hide', () => toggle(false));
  return button;
}
