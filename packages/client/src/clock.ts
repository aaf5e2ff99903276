/**
 * How long ago something was, even if the system clock is wrong. A clock that never jumps may stand still while a
 * laptop sleeps, and the system clock may be set back: the longer of the two ages counts.
 */
export type Moment = { steady: number; wall: number };

export const now = (): Moment => ({ steady: performance.now(), wall: Date.now() });

export const msSince = ({ steady, wall }: Moment): number =>
  Math.max(performance.now() - steady, Date.now() - wall);
