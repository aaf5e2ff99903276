/** docs/cost.md says what was measured at the prices it names, and its sums are right. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { HABITS } from '../../dev/cost-month.ts';
import { millionCalls, monthly } from '../../dev/cost-prices.ts';
import { costPage, costPageFile, readMeasured } from '../../dev/document-cost.ts';

const page = readFileSync(costPageFile, 'utf8');
const measured = readMeasured();

/** The cells of every row of the page's table that begins with this column. */
function rowsOf(column: string): string[][] {
  const [, table = ''] = page.split(`\n| ${column} |`);
  const [, , ...rows] = (table.split('\n\n')[0] ?? '').split('\n');
  return rows.map((row) =>
    row
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}

const number = (cell = '') => Number(cell.replace(/[$,]/g, ''));

test('the page is what `npm run bench` writes of bench/costs.json', () => {
  expect(page).toBe(costPage(measured));
});

/** The journey of the benchmark goes where nobody must have a second factor. */
const NOT_MEASURED = ['POST /login/enrol', 'POST /login/enrol/confirm'];

test('every endpoint that is measured has its row, with the trips that README.md promises', () => {
  const readme = readFileSync('README.md', 'utf8');
  const promised = [
    ...readme.matchAll(/^ *\| (.*`(?:GET|POST|PATCH|DELETE) .*) \| (\d) \| (\d) \| (\d) \|$/gm),
  ];
  const trips = promised.flatMap(([, names = '', ...counts]) =>
    [...names.matchAll(/`((?:GET|POST|PATCH|DELETE) [^`]+)`/g)].map(([, name]) => [name, counts.map(Number)]),
  );
  const told = rowsOf('call').map(([name = '', , ...counts]) => [
    name.replaceAll('`', ''),
    counts.slice(0, 3).map(Number),
  ]);
  const measuredTrips = trips.filter(([name]) => !NOT_MEASURED.includes(String(name)));
  expect(trips.length - measuredTrips.length).toBe(NOT_MEASURED.length);
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(measuredTrips));
});

test('a million calls cost their requests, CPU, Redis commands and queue operations at list prices', () => {
  const rows = rowsOf('call');
  expect(rows.length).toBeGreaterThan(15);
  for (const [name, cpuMs, , , , commands, operations, ...dollars] of rows) {
    const parts = [0.3, 0.02 * number(cpuMs), 2 * number(commands), 0.4 * number(operations)];
    const all = parts.reduce((sum, part) => sum + part, 0);
    expect(dollars, name).toEqual([...parts, all].map((amount) => `$${amount.toFixed(2)}`));
  }
});

test('by hand: a login of 150 ms and one command is $5.30 a million, and one message is $1.20 more', () => {
  expect(millionCalls({ cpuMs: 150, commands: 1, queued: 0 }).all).toBeCloseTo(0.3 + 3 + 2);
  expect(millionCalls({ cpuMs: 150, commands: 1, queued: 1 }).all).toBeCloseTo(0.3 + 3 + 2 + 1.2);
});

test('by hand: what is included in a month costs nothing, and what goes beyond it does', () => {
  const little = {
    requests: 10e6,
    cpuMs: 30e6,
    commands: 0,
    messages: 50_000,
    computeUnits: 1,
    gigabytes: 0,
  };
  expect(monthly(little)).toMatchObject({ workers: 5, redis: 0, queue: 0, neon: 77.38, mail: [20, 20] });
  const much = {
    requests: 12e6,
    cpuMs: 80e6,
    commands: 1e6,
    messages: 1.05e6,
    computeUnits: 2,
    gigabytes: 10,
  };
  const { workers, redis, queue, neon, mail, besides } = monthly(much);
  expect([workers, redis, queue, neon].map((part) => part.toFixed(2))).toEqual([
    '6.60',
    '2.00',
    '0.86',
    '158.26',
  ]);
  expect(besides).toBeCloseTo(167.72);
  expect(mail).toEqual([420, 920]);
});

test('a month adds up, for 1,000, 100,000 and 1,000,000 people', () => {
  const rows = rowsOf('monthly people');
  expect(rows.map(([people]) => number(people))).toEqual([1_000, 100_000, 1_000_000]);
  for (const [people, , , , , ...dollars] of rows) {
    const [workers, redis, queue, neon, besides, , each] = dollars.map(number);
    const all = [workers, redis, queue, neon].reduce<number>((sum, part = Number.NaN) => sum + part, 0);
    // Each is rounded to a cent.
    expect(Math.abs(all - (besides ?? 0)), people).toBeLessThan(0.03);
    expect(each).toBeCloseTo((besides ?? 0) / number(people), 3);
  }
});

test('what people are taken to do are calls that were measured', () => {
  expect(Object.keys(measured.endpoints)).toEqual(expect.arrayContaining(Object.keys(HABITS)));
});
