/** When and from where something happened. It comes from the row of the event, so every retry says the same. */
import { describeDevice } from '../../lib/device-name.ts';

export type Occasion = { at: Date; client: string | null; userAgent: string | null };

const factsOf = ({ at, client, userAgent }: Occasion): [string, string][] => [
  ['When', `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`],
  ['From', client ?? 'not known'],
  ['Device', describeDevice(userAgent) ?? 'not known'],
];

/** As a block; nothing when the event has been deleted. */
export const occasionBlock = (occasion: Occasion | null) => (occasion ? [{ facts: factsOf(occasion) }] : []);
