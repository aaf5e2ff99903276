/** A dialog: the question, what will happen, the fields, the act, and Cancel. Esc and Cancel change nothing. */
import type { GatehouseError } from '../../../packages/client/src/index.ts';
import { type Child, h, newId } from '../element.ts';
import type { Field } from '../field.ts';
import { form } from '../form.ts';
import type { Told } from '../notice.ts';
import { t } from '../words.ts';

type Options = {
  title: string;
  above?: Child;
  fields: Field[];
  between?: Child;
  submit: string;
  busy: string;
  tone?: 'danger';
  /** The field of the proof, which a refusal empties. */
  proof?: Field | undefined;
  /** The field of a second factor beside the password, hidden until the service asks for one. */
  second?: Field | undefined;
  /** It cannot be closed without the act. */
  isFinal?: boolean;
  /** What is missing before the act. */
  ready?(): Told | undefined;
  /** What follows the dialog, once it is closed. @throws GatehouseError */
  send(): Promise<() => void>;
  refused?(error: GatehouseError): Told | undefined;
};

export function openDialog({ title, proof, second, isFinal, ready, send, refused, ...rest }: Options): void {
  const id = newId();
  const opener = document.activeElement as HTMLElement | null;
  const dialog = h('dialog', {
    'aria-labelledby': id,
    close: () => over(),
    cancel: (event) => isFinal && event.preventDefault(),
  });
  const cancel = h('button', { type: 'button', click: () => dialog.close() }, t('cancel'));
  let then = () => {};
  const made = form({
    ...rest,
    beside: isFinal ? undefined : cancel,
    fields: second ? [...rest.fields, second] : rest.fields,
    async send() {
      const missing = ready?.();
      if (missing) return made.tell(missing);
      then = await send();
      dialog.close();
    },
    refused(error) {
      if (second?.element.hidden && error.code === 'second_factor_required') {
        second.element.hidden = false;
        second.input.focus();
        return { tone: 'information', title: t('second.title'), text: t('second.either.text') };
      }
      const isPassword = error.code === 'wrong_password';
      const wrong = isPassword ? proof : error.code === 'wrong_second_factor' ? (second ?? proof) : undefined;
      if (wrong === undefined) return refused?.(error);
      wrong.input.value = '';
      wrong.fault(t(isPassword ? 'fault.wrongPassword' : 'fault.wrongCode'));
      wrong.input.focus();
      return 'handled';
    },
  });
  function over(): void {
    dialog.remove();
    then();
    const back = opener?.isConnected ? opener : document.querySelector<HTMLElement>('h1');
    if (document.querySelector('dialog') === null) back?.focus();
  }
  if (second) second.element.hidden = true;
  dialog.append(h('div', { class: 'stack' }, h('h2', { id }, title), made.element));
  document.body.append(dialog);
  dialog.showModal();
  rest.fields[0]?.input.focus();
}
