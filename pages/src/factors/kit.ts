/** Second factors of the client of this page. */
import { factorsOf } from '../../../packages/client/src/factors.ts';
import { auth } from '../auth.ts';
import { type Field, field } from '../field.ts';
import { t } from '../words.ts';

export const factors = factorsOf(auth);

export type Have = Awaited<ReturnType<typeof factors.list>>;

/** A code that was saved: any case, with or without dashes. */
export const recoveryField = (): Field =>
  field('recoveryCode', {
    label: t('recovery.code'),
    hint: t('recovery.hint'),
    input: { type: 'text', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' },
  });
