/** What the Worker tells this page, and what a page remembers of the one before. */
import type { PageSettings } from '../../src/http/page-settings.ts';

const { dataset } = document.documentElement;
export const settings = JSON.parse(dataset.settings ?? '{}') as PageSettings;

/** The way to another of our pages. Where a log-in leads in the end goes along. */
export const to = (path: string): string =>
  settings.returnTo === undefined ? path : `${path}?returnTo=${encodeURIComponent(settings.returnTo)}`;

/** Where storage is blocked, this page itself remembers. */
function memory(storage: () => Storage) {
  const kept = new Map<string, string>();
  const attempt = <T>(use: (storage: Storage) => T): T | undefined => {
    try {
      return use(storage());
    } catch {
      return undefined;
    }
  };
  return {
    get: (key: string): string | undefined =>
      kept.get(key) ?? attempt((one) => one.getItem(`gatehouse.${key}`)) ?? undefined,
    set(key: string, value: string | undefined) {
      if (value === undefined) kept.delete(key);
      else kept.set(key, value);
      attempt((one) =>
        value === undefined ? one.removeItem(`gatehouse.${key}`) : one.setItem(`gatehouse.${key}`, value),
      );
    },
  };
}

/** Of this tab, over a reload. */
export const tab = memory(() => sessionStorage);
/** Of this browser. */
export const browser = memory(() => localStorage);
