/** The peak memory of the API's process, compared with that of an empty Worker. An isolate may have 128 MiB. */
import type { Row } from './report.ts';
import type { Stage } from './stage.ts';

const ISOLATE_MIB = 128;

export function memory({ targets: { api, floor, empty } }: Stage): Row[] {
  const over = api.peakMiB() - empty.peakMiB();
  const floorOver = floor.peakMiB() - empty.peakMiB();
  return [
    {
      name: 'memory over an empty Worker, at its peak after all of this',
      is: `+${over.toFixed(0)} MiB (floor +${floorOver.toFixed(0)})`,
      budget: `+${ISOLATE_MIB} MiB`,
      isMissed: over > ISOLATE_MIB,
    },
  ];
}
