/** The sign-up that this browser has begun, so that a reload, another tab or the mailed link can go on with it. */
import type { Child } from './element.ts';
import type { Told } from './notice.ts';
import { browser, settings } from './settings.ts';
import { t } from './words.ts';

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

export type Tried = Pick<Begun, 'sentAt' | 'misses'>;

export const hasRunOut = ({ sentAt }: Tried): boolean => Date.now() > sentAt + settings.code.seconds * 1_000;

/** What was wrong with a code, as far as this browser knows; undefined: it was the last try. */
export function missed(tried: Tried, over: Child): Told | undefined {
  const count = settings.code.tries - tried.misses;
  if (count <= 0) return undefined;
  if (hasRunOut(tried)) return { tone: 'bad', title: t('code.over'), text: over };
  return {
    tone: 'bad',
    title: t('code.wrong'),
    text: t(count === 1 ? 'code.left.one' : 'code.left', { count }),
  };
}
