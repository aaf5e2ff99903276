/** What single steps choose from: mostly likely values, so that a history gets far. */
import fc from 'fast-check';

export const few = fc.constantFrom(0, 0, 0, 1, 2);
export const device = fc.constantFrom(0, 0, 1, 2, 3);
export const address = fc.constantFrom(0, 0, 0, 1, 2, 3);
export const rarely = fc.constantFrom(false, false, false, true);
export const transport = fc.constantFrom('body' as const, 'cookie' as const);
/** Ada's and Mallory's passwords; nobody uses the other's, except in a guess. */
export const PASSWORDS = [
  'plum kettle of ada',
  'copper lantern of ada',
  'wet gravel of mallory',
  'tin whistle of mallory',
];
export const password = fc.constantFrom(
  ...PASSWORDS,
  PASSWORDS[0] ?? '',
  PASSWORDS[0] ?? '',
  PASSWORDS[0] ?? '',
);
