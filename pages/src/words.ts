/** Every word on the pages: one JSON file for each language (pages/languages/), loaded beside this module. */
import type english from '../languages/en.json';
import type { Child } from './element.ts';
import { settings } from './settings.ts';

export type Key = keyof typeof english;

let words: Record<string, string> = {};

export async function loadWords(): Promise<void> {
  const source = document.querySelector<HTMLElement>('script[data-words]')?.dataset.words ?? '';
  words = (await (await fetch(source)).json()) as typeof words;
}

/** `{name}` in the words is replaced; `{product}` is always known. */
export const t = (key: Key, values: Record<string, string | number> = {}): string =>
  (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => `${values[name] ?? settings.product}`);

/** The same with elements in place of names: bold, links, times. */
export const rich = (key: Key, values: Record<string, Child>): Child[] =>
  (words[key] ?? key)
    .split(/\{(\w+)\}/)
    .map((part, at) => (at % 2 === 0 ? part : (values[part] ?? settings.product)));

/** What the words of a kind are, or the kind itself if a newer service has one without words. */
export const named = (key: string): string => words[key] ?? key.slice(key.indexOf('.') + 1);

/** Our language as it is written where the reader is: `en-GB` rather than `en`. */
const regional = (): string =>
  navigator.languages.find((one) => one.split('-')[0] === settings.language) ?? settings.language;

const format = (options: Intl.DateTimeFormatOptions) => (at: Date) =>
  new Intl.DateTimeFormat(regional(), options).format(at);

export const clock = format({ hour: '2-digit', minute: '2-digit' });
export const date = format({ day: 'numeric', month: 'long', year: 'numeric' });
export const day = format({ day: 'numeric', month: 'long' });
export const weekday = format({ weekday: 'long', day: 'numeric', month: 'long' });

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** `28 minutes`, `1 hour`: in the largest unit that says it well. */
export function amount(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [unit, size] = units.find(([, one]) => whole >= (whole % one === 0 ? one : 2 * one)) ?? units[3];
  const format = new Intl.NumberFormat(settings.language, { style: 'unit', unit, unitDisplay: 'long' });
  return format.format(Math.ceil(whole / size));
}

/** `2 hours ago`, `6 days ago`. */
export function ago(at: Date): string {
  const seconds = (Date.now() - at.getTime()) / 1_000;
  const [unit, size] = units.find(([, one]) => seconds >= one) ?? units[3];
  if (seconds < 120) return t('time.now');
  return new Intl.RelativeTimeFormat(settings.language).format(-Math.floor(seconds / size), unit);
}
