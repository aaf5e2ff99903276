/** Icons: always beside words, so they are hidden from those who do not see them. */
const shapes = {
  alert: 'M12 8v5M12 16.2v.1M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z',
  warning:
    'M12 9.5v4.5M12 17.2v.1M10.3 4 2.5 17.5A2 2 0 0 0 4.2 20.5h15.6a2 2 0 0 0 1.7-3L13.7 4a2 2 0 0 0-3.4 0Z',
  clock: 'M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z',
  info: 'M12 11v5M12 7.8v.1M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z',
  done: 'm8 12.3 2.7 2.7L16 9.5M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z',
  circle: 'M18 12a6 6 0 1 1-12 0 6 6 0 0 1 12 0Z',
  tick: 'm5 12.5 4.5 4.5L19 7.5',
  on: 'm9.5 6 6 6-6 6',
  mail: 'M4 5.5h16A1.5 1.5 0 0 1 21.5 7v10a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 17V7A1.5 1.5 0 0 1 4 5.5ZM3 7l9 6 9-6',
  again: 'M4 4v5h5M4.5 9A8.5 8.5 0 1 1 3.6 13.5',
  laptop: 'M6 5h12a1.5 1.5 0 0 1 1.5 1.5V15h-15V6.5A1.5 1.5 0 0 1 6 5ZM2.5 18.5h19',
  phone:
    'M8.5 3h7A1.5 1.5 0 0 1 17 4.5v15a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 7 19.5v-15A1.5 1.5 0 0 1 8.5 3ZM11 18h2',
  lock: 'M6.5 11h11A1.5 1.5 0 0 1 19 12.5v6a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 18.5v-6A1.5 1.5 0 0 1 6.5 11ZM8 11V8a4 4 0 0 1 8 0v3',
  out: 'M9 4H6a1.5 1.5 0 0 0-1.5 1.5v13A1.5 1.5 0 0 0 6 20h3M10 12h10.5M16.5 8l4 4-4 4',
  in: 'M15 4h3a1.5 1.5 0 0 1 1.5 1.5v13A1.5 1.5 0 0 1 18 20h-3M3.5 12H14M10 8l4 4-4 4',
  down: 'M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14',
  stop: 'M5.7 5.7l12.6 12.6M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z',
  key: 'M12.5 9a4 4 0 1 1-8 0 4 4 0 0 1 8 0ZM2.5 20a6 6 0 0 1 9.5-4.9M20.5 13a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0ZM18 15.5V21l2-1.5M18 18l1.5-1',
  list: 'M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5v.1M4.5 12v.1M4.5 17.5v.1',
  person: 'M16 8a4 4 0 1 1-8 0 4 4 0 0 1 8 0ZM4.5 20.5a7.5 7.5 0 0 1 15 0',
} as const;

export type Icon = keyof typeof shapes;

const SVG = 'http://www.w3.org/2000/svg';

export function icon(name: Icon): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', shapes[name]);
  svg.append(path);
  return svg;
}
