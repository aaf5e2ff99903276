/** What the account says about second factors, below the password. */
import { opener, row, type Section } from '../account/rows.ts';
import { h } from '../element.ts';
import { icon } from '../icons.ts';
import { day, t } from '../words.ts';
import { renewCodes, turnOff, turnOn } from './authenticator.ts';
import { factors } from './kit.ts';
import { addPasskey, passkeyRow } from './passkeys.ts';

const FEW = 3;

export async function factorRows(section: Section, refresh: () => void): Promise<HTMLElement[]> {
  const have = await factors.list();
  const around = { have, section, refresh };
  const { totp, passkeys, recoveryCodes } = have;
  const count = passkeys.length;
  const ready =
    count > 0 &&
    h('span', { class: 'badge good' }, t(count === 1 ? 'passkeys.ready.one' : 'passkeys.ready', { count }));
  const on = totp && h('span', { class: 'badge good' }, icon('tick'), t('app.is.on'));
  const app = totp
    ? opener(t('app.off.submit'), () => turnOff(around), t('app.name'))
    : opener(t('app.on.submit'), () => turnOn(around), t('app.name'));
  return [
    row(
      'key',
      [t('passkeys.name'), ready],
      t('passkeys.hint'),
      opener(t('passkeys.add'), () => addPasskey(around)),
    ),
    ...passkeys.map((one) => passkeyRow(one, around)),
    row('clock', [t('app.name'), on], t('app.hint'), app),
    ...(recoveryCodes ? [recoveryRow(recoveryCodes, () => renewCodes(around))] : []),
  ];
}

function recoveryRow(
  { left, createdAt }: { left: number; createdAt: string },
  renew: () => void,
): HTMLElement {
  const badge =
    left < FEW
      ? h('span', { class: 'badge warn' }, icon('warning'), t('recovery.left', { left }))
      : h('span', { class: 'badge' }, t('recovery.left', { left }));
  const saved = t('recovery.since', { when: day(new Date(createdAt)) });
  return row('list', [t('recovery.name'), badge], saved, opener(t('recovery.renew'), renew));
}
