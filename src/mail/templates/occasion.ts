/** When and from where something happened. It comes from the row of the event, so every retry says the same. */
import { deviceName } from '../../lib/device-name.ts';
import type { Sentences } from '../languages/en.ts';

export type Occasion = { at: Date; client: string | null; userAgent: string | null };

/** As a block; nothing when the event has been deleted. */
export const occasionBlock = (occasion: Occasion | null, sentences: Sentences) =>
  occasion ? [{ facts: factsOf(occasion, sentences) }] : [];

function factsOf({ at, client, userAgent }: Occasion, sentences: Sentences): [string, string][] {
  const { facts, moment, browserOn } = sentences;
  const { browser, device } = deviceName(userAgent);
  return [
    [facts.when, moment(at)],
    [facts.from, client ?? facts.unknown],
    [facts.device, browser && device ? browserOn(browser, device) : (browser ?? device ?? facts.unknown)],
  ];
}
