/** The sign-up that this browser has begun, so that a reload, another tab or the mailed link can go on with it. */
import { browser, settings } from './settings.ts';

export type Begun = {
  id: string;
  email: string;
  /** When a code was last asked for; 0 when that is not known. */
  sentAt: number;
  /** Wrong codes. A new code does not clear them. */
  misses: number;
  /** New codes asked for. */
  resends: number;
};

const KEY = 'sign-up';

export function begunSignUp(): Begun | undefined {
  const kept = browser.get(KEY);
  return kept === undefined ? undefined : (JSON.parse(kept) as Begun);
}

export function remember(begun: Begun | undefined): void {
  browser.set(KEY, begun && JSON.stringify(begun));
}

export const triesLeft = ({ misses }: Pick<Begun, 'misses'>): number => settings.code.tries - misses;

export const hasRunOut = ({ sentAt }: Pick<Begun, 'sentAt'>): boolean =>
  Date.now() > sentAt + settings.code.seconds * 1_000;
