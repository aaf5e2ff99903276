/** docs/monitoring: what is imported asks what the queries ask, and the queries ask for columns that are written. */
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { unstable_readConfig as readWrangler } from 'wrangler';

const read = (path: string) => readFileSync(`docs/monitoring/${path}`, 'utf8');
const queries = Object.fromEntries(
  globSync('docs/monitoring/queries/*.sql').map((path) => [
    basename(path, '.sql'),
    readFileSync(path, 'utf8'),
  ]),
);

type Panel = { title: string; targets: { url_options: { data: string }; columns: { selector: string }[] }[] };

test('every panel of the dashboard asks one of the queries, word for word, and shows its columns', () => {
  const { panels } = JSON.parse(read('dashboard.json')) as { panels: Panel[] };
  expect(panels.length).toBeGreaterThan(8);
  for (const { title, targets } of panels) {
    for (const { url_options, columns } of targets) {
      expect(Object.values(queries), title).toContain(url_options.data);
      for (const { selector } of columns)
        expect(url_options.data, title).toMatch(new RegExp(`AS ${selector}\\b`));
    }
  }
});

test('every alert rule asks one of the queries, and no query is left without use', () => {
  const rules = read('alerts.yaml')
    .split(/^ {6}- uid: /m)
    .slice(1);
  const asked = rules.map((rule) => {
    const [, block = ''] = /data: \|\n((?: {18}.*\n)+)/.exec(rule) ?? [];
    return block.replaceAll(/^ {18}/gm, '');
  });
  expect(asked.length).toBeGreaterThan(5);
  for (const query of asked) expect(Object.values(queries)).toContain(query);
  const shown = read('dashboard.json');
  for (const [name, query] of Object.entries(queries))
    expect(asked.includes(query) || shown.includes(JSON.stringify(query)), name).toBe(true);
  const table = [...read('README.md').matchAll(/^\| (?:page|look) \| ([^|]+) \|/gm)].map(
    ([, title]) => title,
  );
  expect(table).toEqual(rules.map((rule) => /title: (.+)/.exec(rule)?.[1]));
});

test('the queries read data sets that are bound, and columns that README.md explains', () => {
  const columns = (dataset: string) => {
    const section = read('README.md').split(`\n\`${dataset}\`, `)[1]?.split('\n\n')[1] ?? '';
    return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  };
  const bound = ['wrangler.toml', 'src/jobs/wrangler.toml'].flatMap((config) =>
    readWrangler({ config, env: 'production' }).analytics_engine_datasets.map(
      ({ dataset }: { dataset: string }) => dataset,
    ),
  );
  for (const [name, query] of Object.entries(queries)) {
    const dataset = /FROM (\w+)/.exec(query)?.[1] ?? '';
    expect(bound, name).toContain(dataset);
    for (const [column] of query.matchAll(/\b(blob|double)\d+/g))
      expect(columns(dataset), name).toContain(column);
  }
});
