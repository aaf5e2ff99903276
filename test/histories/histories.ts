/**
 * How histories are made: from scenes of a few steps that belong together, because by chance the steps of a race, a theft or a
 * take-over would hardly ever meet, and from single steps between them, so that no scene runs as it was written.
 */
import fc from 'fast-check';
import { addressScenes, closing } from './address-scenes.ts';
import { step } from './arbitraries.ts';
import { factorScenes } from './factor-scenes.ts';
import { enrol, login, OWN } from './scene-steps.ts';
import { exchange, sessionScenes } from './session-scenes.ts';
import type { Step } from './steps.ts';

/** Ada has an account and is logged in: most of what can happen happens after that. */
const opening: Step[] = [
  { do: 'signUp', from: 0, address: 0, password: OWN },
  { do: 'proveByCode', from: 0, signup: 0, letter: 0 },
  login({}),
];

/** Steps with more variants come more often. */
const scenes = [...sessionScenes, ...addressScenes, ...factorScenes, exchange, closing];

/** As many choices as the longest scene makes. */
const CHOICES = 40;

/** A scene, sometimes with a step of another between its own. */
const scene: fc.Arbitrary<Step[]> = fc
  .tuple(
    fc.constantFrom(...scenes),
    fc.array(fc.nat(59), { minLength: CHOICES, maxLength: CHOICES }),
    fc.array(fc.tuple(fc.nat(20), step), { maxLength: 1 }),
  )
  .map(([play, choices, others]) => {
    let made = 0;
    const steps = play((...of) => of[(choices[made++] ?? 0) % of.length] as (typeof of)[0]);
    for (const [at, other] of others) if (at < steps.length) steps.splice(at, 0, other);
    return steps;
  });

/** A history of at most so many scenes or single steps, which usually begins with an opening. */
export const histories = (maxLength: number): fc.Arbitrary<Step[]> =>
  fc
    .tuple(
      fc.constantFrom<Step[]>([], opening, opening, opening, [...opening, ...enrol()]),
      fc.array(
        fc.oneof({ weight: 4, arbitrary: scene }, { weight: 1, arbitrary: step.map((one) => [one]) }),
        {
          minLength: 1,
          maxLength,
          size: 'max',
        },
      ),
    )
    .map(([begun, rest]) => [...begun, ...rest.flat()]);
