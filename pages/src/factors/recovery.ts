/** Recovery codes are shown once: numbered, to copy, to keep as a file, and with a box to tick. */
import { openDialog } from '../account/dialog.ts';
import { type Child, h } from '../element.ts';
import { busyButton } from '../form.ts';
import { settings } from '../settings.ts';
import { t } from '../words.ts';

export function showCodes(codes: readonly string[], then: () => void): void {
  const text = codes.join('\n');
  const saved = h('input', { type: 'checkbox', required: true });
  openDialog({
    title: t('recovery.title'),
    above: [
      h('p', { class: 'soft' }, t('recovery.text')),
      h(
        'ol',
        { class: 'codes' },
        codes.map((code) => h('li', {}, code)),
      ),
      h('div', { class: 'actions' }, copyButton(text), fileButton(text)),
      h('label', { class: 'tick' }, saved, t('recovery.saved')),
    ],
    fields: [],
    submit: t('recovery.done'),
    busy: t('saving'),
    isFinal: true,
    ready: () => (saved.checked ? undefined : { tone: 'warn', title: t('recovery.first') }),
    send: async () => then,
  });
}

function copyButton(text: string): Child {
  const { element, during } = busyButton(t('copy'), t('copied'), { type: 'button', class: 'in-row' });
  element.addEventListener('click', () =>
    during(async () => {
      await navigator.clipboard.writeText(text);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    }),
  );
  return element;
}

const fileButton = (text: string): Child =>
  h(
    'a',
    {
      class: 'button in-row',
      href: `data:text/plain;charset=utf-8,${encodeURIComponent(`${settings.product}\n\n${text}\n`)}`,
      download: `${settings.product} ${t('recovery.file')}.txt`,
    },
    t('data.download'),
  );
