/** The colours that a deployment may give the pages, and what is refused with the measured figure. */
import { expect, test } from 'vitest';
import { contrast, parseBrandColours } from '../../src/config/brand.ts';

test('contrast is that of WCAG', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.478, 3);
  expect(contrast('#ffffff', '#777777')).toBeCloseTo(4.478, 3);
});

test('what can be read is taken, and a pale accent with a darker edge', () => {
  expect(parseBrandColours('light', 'accent=#0B5D4B, link=#0b5d4b')).toEqual({
    accent: '#0b5d4b',
    link: '#0b5d4b',
  });
  const pale = 'accent=#ffc83d,accentInk=#2b2112,accentEdge=#6b4a00,link=#704a08,tint=#fff6df';
  expect(parseBrandColours('light', pale)).toHaveProperty('accentEdge', '#6b4a00');
});

test.each([
  ['light', 'accent=#ffc83d', 'has accentInk on accent with a contrast of 1.55:1, and 4.5:1 is needed'],
  [
    'light',
    'accent=#ffc83d,accentInk=#000000',
    'has accentEdge on surface with a contrast of 1.55:1, and 3:1 is needed',
  ],
  ['light', 'link=#8fa8ff', 'has link on surface'],
  ['dark', 'link=#2a4bc0', 'has link on surface'],
  ['dark', 'tint=#ffffff', 'has link on tint'],
] as const)('%s %s is refused with the figure', (scheme, written, why) => {
  expect(() => parseBrandColours(scheme, written)).toThrow(why);
});

test.each([
  'blue',
  'accent=blue',
  'accent=#fff',
  'page=#ffffff',
  'accent=#0b5d4b;link=#0b5d4b',
  'accent=#0b5d4b}body{',
  '',
])('malformed: %j', (written) => {
  expect(() => parseBrandColours('light', written)).toThrow('is not of the form');
});

test('one colour twice is malformed', () => {
  expect(() => parseBrandColours('light', 'link=#0b5d4b,link=#0b5d4b')).toThrow('is not of the form');
});
