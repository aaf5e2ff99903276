/**
 * With the time limits of production, which tests relax otherwise: for the time of `work` only, for what works must be
 * waited for on any machine.
 */
export async function inAHurry<T>({ config }: { config: object }, work: () => Promise<T>): Promise<T> {
  const usual = { ...config };
  Object.assign(config, { databaseTimeoutMs: 2_000, limiterTimeoutMs: 300 });
  try {
    return await work();
  } finally {
    Object.assign(config, usual);
  }
}
