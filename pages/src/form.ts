/** A form: what is checked before it is sent, what happens meanwhile, and what is said when it is refused. */
import { GatehouseError } from '../../packages/client/src/index.ts';
import { type Child, h } from './element.ts';
import { faultOf, toldOf } from './failures.ts';
import type { Field } from './field.ts';
import { noticePlace, type Told } from './notice.ts';
import { t } from './words.ts';

type Options = {
  fields: Field[];
  /** Before, between and after the fields. */
  above?: Child;
  between?: Child;
  submit: string;
  busy: string;
  /** Of the button, in dialogs that end in a loss. */
  tone?: 'main' | 'danger';
  /** Beside the button. */
  beside?: Child;
  below?: Child;
  /** Shows the next state itself. @throws GatehouseError */
  send(): Promise<void>;
  /** Its own words for a refusal; without them there are general ones. A refused field is said at the field. */
  refused?(error: GatehouseError): Told | 'handled' | undefined;
};

export type Form = { element: HTMLFormElement; tell(told: Told | undefined): void };

export function form(options: Options): Form {
  const { fields, tone = 'main', submit, busy, beside } = options;
  const place = noticePlace();
  const button = busyButton(submit, busy, { type: 'submit', class: tone });
  const tell = place.tell;
  const element = h(
    'form',
    {
      novalidate: true,
      submit: (event) => {
        event.preventDefault();
        void button.during(() => attempt());
      },
    },
    place.element,
    options.above,
    fields.map((one) => one.element),
    options.between,
    beside ? h('div', { class: 'actions' }, button.element, beside) : button.element,
    options.below,
  );

  async function attempt(): Promise<void> {
    tell(undefined);
    for (const { input } of fields) input.dispatchEvent(new Event('hide'));
    if (sayFaults(fields, tell, (one) => one.check())) return;
    try {
      await options.send();
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      const { errors } = error;
      const said = sayFaults(fields, tell, ({ name, refusal }) => {
        const found = errors.find(({ path }) => path === name);
        return found && (refusal ?? faultOf(name, found.message));
      });
      if (said) return;
      const told = options.refused?.(error) ?? toldOf(error);
      if (told !== 'handled') tell(told);
    }
  }
  return { element, tell };
}

/** Says at each field what is wrong, if anything is; the first of them gets the focus, and two get a list. */
function sayFaults(
  fields: Field[],
  tell: Form['tell'],
  faultIn: (field: Field) => string | undefined,
): boolean {
  const wrong = fields.filter((one) => {
    const words = faultIn(one);
    one.fault(words);
    return words !== undefined;
  });
  if (wrong.length > 1) {
    const links = wrong.map(({ label, input }) => h('a', { href: `#${input.id}` }, label));
    tell({
      tone: 'bad',
      title: t('fault.several'),
      text: links.flatMap((link, at) =>
        at === 0 ? [link] : [at === links.length - 1 ? t('list.and') : ', ', link],
      ),
    });
  }
  wrong[0]?.input.focus();
  return wrong.length > 0;
}

/** A button that shows that it works, keeps its place in the tab order, and ignores a second press. */
export function busyButton(
  words: string,
  busy: string,
  attributes: { type: 'submit' | 'button'; class?: string },
) {
  const element = h('button', attributes, words);
  let isBusy = false;
  async function during(work: () => Promise<void>): Promise<void> {
    if (isBusy || element.ariaDisabled === 'true') return;
    isBusy = true;
    element.setAttribute('aria-busy', 'true');
    element.replaceChildren(h('span', { class: 'spinner' }), busy);
    try {
      await work();
    } finally {
      isBusy = false;
      element.removeAttribute('aria-busy');
      element.replaceChildren(words);
    }
  }
  return { element, during };
}
