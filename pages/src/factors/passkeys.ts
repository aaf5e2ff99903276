/** Passkeys: added with a name, renamed, removed. */
import { openDialog } from '../account/dialog.ts';
import { opener, row, type Section } from '../account/rows.ts';
import { h } from '../element.ts';
import { field } from '../field.ts';
import { ago, day, rich, t } from '../words.ts';
import { factors, type Have } from './kit.ts';
import { askFor } from './proof.ts';

type Passkey = Have['passkeys'][number];
type Around = { have: Have; section: Section; refresh(): void };

const nameField = (value: string) =>
  field('name', {
    label: t('passkey.name'),
    hint: t('passkey.name.hint'),
    input: { type: 'text', maxlength: 100, value },
  });

export function passkeyRow(one: Passkey, around: Around): HTMLElement {
  const used = one.lastUsedAt
    ? t('passkey.used', { when: ago(new Date(one.lastUsedAt)) })
    : t('passkey.unused');
  const element = row(
    undefined,
    one.name,
    [t('passkey.added', { when: day(new Date(one.createdAt)) }), ' · ', used],
    [
      opener(t('passkey.rename'), () => rename(one, around), one.name),
      opener(t('passkey.remove'), () => remove(one, around), one.name),
    ],
  );
  element.classList.add('inner');
  return element;
}

export function addPasskey({ have, section, refresh }: Around): void {
  const name = nameField('');
  const proof = askFor(have, { purpose: 'add-passkey' });
  openDialog({
    title: t('passkeys.add'),
    above: h('p', { class: 'small soft' }, t('passkey.add.text')),
    fields: proof.field ? [name, proof.field] : [name],
    proof: proof.field,
    submit: t('passkey.add.submit'),
    busy: t('passkey.waiting'),
    async send() {
      await factors.addPasskey({ name: name.input.value, proof: await proof.get() });
      return () => {
        section.tell({ tone: 'good', title: t('passkey.done') });
        refresh();
      };
    },
  });
}

function rename(one: Passkey, { section, refresh }: Around): void {
  const name = nameField(one.name);
  openDialog({
    title: t('passkey.rename.title'),
    fields: [name],
    submit: t('passkey.rename'),
    busy: t('saving'),
    async send() {
      await factors.renamePasskey({ id: one.id, name: name.input.value });
      return () => {
        section.tell({ tone: 'good', title: t('passkey.renamed') });
        refresh();
      };
    },
  });
}

function remove(one: Passkey, { have, section, refresh }: Around): void {
  const proof = askFor(have, { purpose: 'remove-passkey', target: one.id });
  openDialog({
    title: t('passkey.remove.title'),
    above: h('p', { class: 'soft' }, rich('passkey.remove.text', { name: h('strong', {}, one.name) })),
    fields: proof.field ? [proof.field] : [],
    proof: proof.field,
    submit: t('passkey.remove'),
    busy: t('saving'),
    async send() {
      await factors.removePasskey({ id: one.id, proof: await proof.get() });
      return () => {
        section.tell({ tone: 'good', title: t('passkey.removed') });
        refresh();
      };
    },
  });
}
