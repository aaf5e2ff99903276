/**
 * How long ago something was, whatever the time of day is said to be. A clock that never jumps may stand still while a
 * laptop sleeps, and the one on the wall may be set back: the longer of the two is believed.
 */
export type Moment = { steady: number; wall: number };

export const now = (): Moment => ({ steady: performance.now(), wall: Date.now() });

export const msSince = ({ steady, wall }: Moment): number =>
  Math.max(performance.now() - steady, Date.now() - wall);
