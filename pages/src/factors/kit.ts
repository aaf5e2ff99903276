/** Second factors of the client of this page. */
import { factorsOf } from '../../../packages/client/src/factors.ts';
import type { GatehouseError } from '../../../packages/client/src/index.ts';
import { auth, leaveFor } from '../auth.ts';
import { digits, type Field, field } from '../field.ts';
import { to } from '../settings.ts';
import { t } from '../words.ts';

export const factors = factorsOf(auth);

export type Have = Awaited<ReturnType<typeof factors.list>>;

/** What a log-in is asked that needs a second factor. */
export type Challenge = NonNullable<GatehouseError['challenge']>;

/** A ticket has run out: the password once more. */
export function beganAgain(): 'handled' {
  leaveFor(`${to('/login')}#again`);
  return 'handled';
}

const isRecoveryCode = (value: string) => digits(value).length === 16;

/** A code that was saved: any case, with or without dashes. */
export const recoveryField = (): Field =>
  field('recoveryCode', {
    label: t('recovery.code'),
    hint: t('recovery.hint'),
    input: { type: 'text', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' },
    check: (value) => (isRecoveryCode(value) ? undefined : t('fault.recovery')),
  });

/** A code of the app, or one that was saved by somebody whose phone is lost. */
export const secondField = (): Field =>
  field('secondFactor', {
    label: t('second.either'),
    hint: t('second.either.hint'),
    input: { type: 'text', autocomplete: 'one-time-code', autocapitalize: 'none', spellcheck: 'false' },
    check: (value) =>
      /^\d{6}$/.test(digits(value)) || isRecoveryCode(value) ? undefined : t('fault.either'),
  });

export const answerOf = ({ input: { value } }: Field): { code: string } | { recoveryCode: string } =>
  isRecoveryCode(value) ? { recoveryCode: value } : { code: digits(value) };
