/** Turning an authenticator app on: a proof, the picture to scan, the first code, the recovery codes. And off. */
import { openDialog } from '../account/dialog.ts';
import type { Section } from '../account/rows.ts';
import { type Child, h } from '../element.ts';
import { codeField, digits } from '../field.ts';
import { t } from '../words.ts';
import { factors, type Have } from './kit.ts';
import { askFor } from './proof.ts';
import { showCodes } from './recovery.ts';

type Around = { have: Have; section: Section; refresh(): void };

export function turnOn({ have, section, refresh }: Around): void {
  const proof = askFor(have, { purpose: 'add-totp' });
  openDialog({
    title: t('app.on.title'),
    above: h('p', { class: 'small soft' }, t('app.on.text')),
    fields: proof.field ? [proof.field] : [],
    proof: proof.field,
    submit: t('second.submit'),
    busy: t('account.loading'),
    async send() {
      const begun = await factors.beginApp({ proof: await proof.get() });
      return () => scan(begun, section, refresh);
    },
  });
}

type Begun = Awaited<ReturnType<typeof factors.beginApp>>;

function scan(begun: Begun, { tell }: Section, refresh: () => void): void {
  const code = codeField(t('second.code'));
  openDialog({
    title: t('app.scan.title'),
    above: appPicture(begun),
    fields: [code],
    submit: t('app.on.submit'),
    busy: t('saving'),
    async send() {
      const codes = await factors.confirmApp({ ticket: begun.ticket, code: digits(code.input.value) });
      const told = () => {
        tell({ tone: 'good', title: t('app.on.done') });
        refresh();
      };
      return codes ? () => showCodes(codes, told) : told;
    },
    refused(error) {
      if (error.code !== 'wrong_second_factor') return undefined;
      code.input.value = '';
      return { tone: 'bad', title: t('code.wrong'), text: t('second.wrong') };
    },
  });
}

/** The picture to scan, and the secret to type. */
export const appPicture = ({ qr, secret }: Pick<Begun, 'qr' | 'secret'>): Child => [
  h('p', { class: 'small soft' }, t('app.scan.text')),
  h('img', { class: 'qr', src: `data:image/svg+xml,${encodeURIComponent(qr)}`, alt: t('app.scan.picture') }),
  h('p', { class: 'small' }, t('app.scan.secret'), ' ', h('strong', { class: 'secret' }, secret)),
];

export function turnOff({ have, section, refresh }: Around): void {
  const proof = askFor(have, { purpose: 'remove-totp' });
  openDialog({
    title: t('app.off.title'),
    above: h('p', { class: 'soft' }, t('app.off.text')),
    fields: proof.field ? [proof.field] : [],
    proof: proof.field,
    submit: t('app.off.submit'),
    busy: t('saving'),
    async send() {
      await factors.removeApp({ proof: await proof.get() });
      return () => {
        section.tell({ tone: 'good', title: t('app.off.done') });
        refresh();
      };
    },
  });
}

export function renewCodes({ have, section, refresh }: Around): void {
  const proof = askFor(have, { purpose: 'renew-recovery-codes' });
  openDialog({
    title: t('recovery.renew.title'),
    above: h('p', { class: 'soft' }, t('recovery.renew.text')),
    fields: proof.field ? [proof.field] : [],
    proof: proof.field,
    submit: t('recovery.renew'),
    busy: t('saving'),
    async send() {
      const codes = await factors.replaceRecoveryCodes({ proof: await proof.get() });
      return () =>
        showCodes(codes, () => {
          section.tell({ tone: 'good', title: t('recovery.renewed') });
          refresh();
        });
    },
  });
}
