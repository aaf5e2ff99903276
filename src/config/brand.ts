/**
 * The colours of the pages that a deployment may choose, for each scheme, and the contrast that they must have (WCAG
 * 2.2, 1.4.3 and 1.4.11). pages/look.css has the same values and all others.
 */
export type Scheme = 'light' | 'dark';
type ColourName = 'accent' | 'accentInk' | 'accentEdge' | 'link' | 'tint';
type Colour = ColourName | 'page' | 'surface' | 'text';
export type BrandColours = Partial<Record<ColourName, string>>;

/** `accentEdge` is the border of filled buttons. It is the accent, unless that is too pale. */
export const usualColours: Record<Scheme, Record<Exclude<Colour, 'accentEdge'>, string>> = {
  light: {
    ...{ accent: '#2a4bc0', accentInk: '#ffffff', link: '#2a4bc0', tint: '#eef1fc' },
    ...{ page: '#f6f5f3', surface: '#ffffff', text: '#1c1b19' },
  },
  dark: {
    ...{ accent: '#4767dc', accentInk: '#ffffff', link: '#a3b6ff', tint: '#1f2540' },
    ...{ page: '#121211', surface: '#1a1a18', text: '#efede8' },
  },
};

const names: readonly string[] = ['accent', 'accentInk', 'accentEdge', 'link', 'tint'] satisfies ColourName[];

const pairs: [on: Colour, ground: Colour, least: number][] = [
  ['accentInk', 'accent', 4.5],
  ['link', 'surface', 4.5],
  ['link', 'page', 4.5],
  ['link', 'tint', 4.5],
  ['text', 'tint', 4.5],
  ['accentEdge', 'surface', 3],
  ['accentEdge', 'page', 3],
];

/** `accent=#0b5d4b,link=#0b5d4b`. Throws an Error that says what is wrong, with the measured contrast. */
export function parseBrandColours(scheme: Scheme, text: string): BrandColours {
  const chosen: Record<string, string> = {};
  for (const part of text.split(',')) {
    const [, name = '', value = ''] = /^\s*(\w+)=(#[0-9a-f]{6})\s*$/i.exec(part) ?? [];
    if (!names.includes(name) || Object.hasOwn(chosen, name))
      throw new Error(`is not of the form name=#rrggbb,name=#rrggbb with ${names.join(', ')}`);
    chosen[name] = value.toLowerCase();
  }
  const all = { ...usualColours[scheme], ...chosen } as Record<Colour, string>;
  all.accentEdge ??= all.accent;
  const faint = pairs.flatMap(([on, ground, least]) => {
    const measured = contrast(all[on], all[ground]);
    return measured >= least
      ? []
      : [`has ${on} on ${ground} with a contrast of ${measured.toFixed(2)}:1, and ${least}:1 is needed`];
  });
  if (faint.length > 0) throw new Error(faint.join(', '));
  return chosen;
}

/** WCAG 2.2, "contrast ratio": from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
