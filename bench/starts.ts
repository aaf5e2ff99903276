/** How long a Worker takes from nothing to its first answer, in turn with the references. */
import { median, type Row } from './report.ts';
import type { Stage } from './stage.ts';

export async function startTimes({ start, database, isQuick }: Stage): Promise<Row[]> {
  const times: Record<string, number[]> = {};
  const spent: Record<string, number[]> = {};
  for (let round = 0; round < (isQuick ? 3 : 7); round++)
    for (const [name, begin] of Object.entries(start)) {
      const target = await begin(database);
      times[name] = [...(times[name] ?? []), target.startMs];
      spent[name] = [...(spent[name] ?? []), target.cpuMs()];
      await target.stop();
    }
  const over = (of: Record<string, number[]>, base: string) => median(of.api ?? []) - median(of[base] ?? []);
  const [wall, own] = [over(times, 'empty'), over(spent, 'floor')];
  return [
    {
      name: 'cold start over an empty Worker',
      is: `+${wall.toFixed(0)} ms`,
      budget: '+55 ms',
      isMissed: wall > 55,
    },
    {
      name: 'start-up CPU over the floor',
      is: `+${own.toFixed(0)} ms`,
      budget: '+60 ms',
      isMissed: own > 60,
    },
  ];
}
