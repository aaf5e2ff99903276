/** The most mails that any span of `seconds` has seen. */
export function maxIn(seconds: number, mails: { created_at: string }[]): number {
  const times = mails.map(({ created_at }) => Date.parse(created_at));
  const within = (start: number) =>
    times.filter((time) => time >= start && time < start + seconds * 1_000).length;
  return Math.max(0, ...times.map(within));
}
