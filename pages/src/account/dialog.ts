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
  /** The field of the current password, which a refusal empties. */
  proof?: Field;
  /** What follows the dialog, once it is closed. @throws GatehouseError */
  send(): Promise<() => void>;
  refused?(error: GatehouseError): Told | undefined;
};

export function openDialog({ title, proof, send, refused, ...rest }: Options): void {
  const id = newId();
  const opener = document.activeElement as HTMLElement | null;
  const dialog = h('dialog', { 'aria-labelledby': id, close: () => over() });
  const cancel = h('button', { type: 'button', click: () => dialog.close() }, t('cancel'));
  let then = () => {};
  const { element } = form({
    ...rest,
    beside: cancel,
    async send() {
      then = await send();
      dialog.close();
    },
    refused(error) {
      if (error.code !== 'wrong_password' || proof === undefined) return refused?.(error);
      proof.input.value = '';
      proof.fault(t('fault.wrongPassword'));
      proof.input.focus();
      return 'handled';
    },
  });
  function over(): void {
    dialog.remove();
    then();
    const back = opener?.isConnected ? opener : document.querySelector<HTMLElement>('h1');
    if (document.querySelector('dialog') === null) back?.focus();
  }
  dialog.append(h('div', { class: 'stack' }, h('h2', { id }, title), element));
  document.body.append(dialog);
  dialog.showModal();
  rest.fields[0]?.input.focus();
}
