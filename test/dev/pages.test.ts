/** The pages as files: nothing they may have to say is without words, in any language, and they stay small. */
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { PAGES_BUDGETS, pagesWeight } from '../../dev/pages.ts';
import { actNames } from '../../src/admin/acts.ts';
import { usualColours } from '../../src/config/brand.ts';
import { mailLanguages } from '../../src/config/settings/mail.ts';
import { eventKinds } from '../../src/event-kinds.ts';
import { refusals } from '../../src/refusal.ts';

type Words = Record<string, string>;
const languages = Object.fromEntries(
  globSync('pages/languages/*.json').map((file) => [
    basename(file, '.json'),
    JSON.parse(readFileSync(file, 'utf8')) as Words,
  ]),
);
const english = languages.en as Words;
const sources = globSync('pages/src/**/*.ts').map((file) => readFileSync(file, 'utf8'));
const all = sources.join('\n');

test('every language has the same words, with the same values in them', () => {
  expect(Object.keys(languages).sort()).toEqual([...mailLanguages].sort());
  const values = (words = '') => [...new Set(words.match(/\{\w+\}/g) ?? [])].sort();
  for (const [language, words] of Object.entries(languages)) {
    expect(Object.keys(words), language).toEqual(Object.keys(english));
    for (const [key, text] of Object.entries(words)) expect(values(text), key).toEqual(values(english[key]));
  }
});

test('every kind of security event has words, and no word is left that nobody says', () => {
  const events = Object.keys(english).filter((key) => key.startsWith('event.'));
  expect(events).toEqual(eventKinds.map((kind) => `event.${kind}`).sort());
  const made = /^(event|failure|undo|second\.by)\./;
  for (const key of Object.keys(english).filter((one) => !made.test(one)))
    expect(all, key).toContain(`'${key}'`);
});

test('every act of an operator, and every event of one, has words on the page for operators', () => {
  const words = readFileSync('pages/src/admin/act-words.ts', 'utf8');
  const offered = [...words.matchAll(/^ {4}name: '([\w-]+)'/gm)].map(([, name]) => name);
  const alone = ['export', 'suppress', 'unsuppress'];
  expect(offered.toSorted()).toEqual([...actNames, ...alone].toSorted());
  const told = readFileSync('pages/src/admin/history.ts', 'utf8');
  for (const kind of eventKinds.filter((one) => one.startsWith('admin.')))
    expect(told).toContain(`  ${kind.slice('admin.'.length)}: 'Operator `);
});

test('every code that the service can answer has a way on', () => {
  const table = /const kinds[^{]*\{([^}]*)\}/.exec(all)?.[1] ?? '';
  const told = [...table.matchAll(/(\w+): '(\w+)'/g)];
  const codes = told.map(([, code]) => code);
  // Only the provider of mail is told this one, and a page sends no other method.
  const ofOthers = ['invalid_signature', 'method_not_allowed'];
  for (const code of Object.keys(refusals)) if (!ofOthers.includes(code)) expect(codes).toContain(code);
  for (const [, , kind = ''] of told) expect(english).toHaveProperty([`failure.${kind}`]);
});

test('the usual colours are those of the style file', () => {
  const look = readFileSync('pages/look.css', 'utf8');
  const [light = '', dark = ''] = look.split('@media (prefers-color-scheme: dark)');
  const cases = [[light, usualColours.light] as const, [dark, usualColours.dark] as const];
  for (const [css, colours] of cases)
    for (const [name, value] of Object.entries(colours))
      expect(css).toContain(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${value};`);
});

test('no colour, size of type or shadow stands outside of the tokens', () => {
  const look = readFileSync('pages/look.css', 'utf8');
  const components = look.slice(look.indexOf('/* --- Ground'));
  expect(components).not.toMatch(/#[0-9a-f]{3,8}\b|rgb\(|hsl\(/);
});

test('nothing makes markup of text, and nothing runs text', () => {
  expect(all).not.toMatch(
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.style\b/,
  );
});

test('what every page loads, and what the account and second factors add, is within its budget', () => {
  const { app, second } = pagesWeight();
  expect(app).toBeLessThanOrEqual(PAGES_BUDGETS.app);
  expect(second).toBeLessThanOrEqual(PAGES_BUDGETS.second);
});
