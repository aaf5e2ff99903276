/** CPU time of the process for each request, in turn with that of the floor and of an empty Worker. */
import { me, repeated } from './asks.ts';
import { type Row, ratio } from './report.ts';
import type { Stage } from './stage.ts';
import type { Target } from './workerd.ts';

const ROUNDS = 3;

type Kind = [name: string, target: Target, make: () => Promise<unknown>];

export async function cpu({
  targets: { api, floor, empty },
  people: [ada, bob],
  load,
  isQuick,
}: Stage): Promise<Row[]> {
  const rows: Row[] = [];
  const perRound = isQuick ? 100 : 500;
  for (const [concurrency, budget] of [
    [1, 2.2],
    [16, 2.5],
  ] as const) {
    const kinds: Kind[] = [
      ['empty', empty, () => load.work(empty.url, repeated({ url: '/' }, perRound), concurrency)],
      ['floor', floor, () => load.work(floor.url, repeated({ url: '/one' }, perRound), concurrency)],
      ['me', api, () => load.good(api.url, repeated(me(ada), perRound), concurrency)],
    ];
    // A chain: each request needs the answer before it, so one at a time.
    if (concurrency === 1) kinds.push(['refresh', api, () => load.chain(api.url, bob, perRound)]);
    const spent: Record<string, number> = {};
    for (let round = 0; round < ROUNDS; round++)
      for (const [name, target, make] of kinds) {
        const before = target.cpuMs();
        await make();
        spent[name] = (spent[name] ?? 0) + target.cpuMs() - before;
      }
    const each = (name: string) => (spent[name] ?? Number.NaN) / (perRound * ROUNDS);
    const at = `${concurrency} at a time`;
    rows.push(ratio(`me CPU, ${at}`, each('me'), each('floor'), budget));
    if (spent.refresh) rows.push(ratio(`refresh CPU, ${at}`, each('refresh'), each('floor')));
    rows.push({
      name: `an empty Worker's CPU, ${at}`,
      is: `${each('empty').toFixed(2)} ms`,
      budget: '',
    });
  }
  return rows;
}
