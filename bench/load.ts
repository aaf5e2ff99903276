/** The load, in a process of its own: makes the requests it is sent, and answers with how long each took. */
export type Ask = { url: string; method?: string; headers?: Record<string, string>; body?: unknown };
export type Job = {
  /** One after the other, each worker in turn; a chain refreshes with the token of the answer before. */
  asks: Ask[];
  concurrency: number;
  isChain?: boolean;
};
export type Taken = { ms: number[]; statuses: number[]; last: unknown };

async function work({ asks, concurrency, isChain = false }: Job): Promise<Taken> {
  const taken: Taken = { ms: [], statuses: [], last: undefined };
  const queue = [...asks];
  const worker = async () => {
    for (let ask = queue.shift(); ask; ask = queue.shift()) {
      const body = isChain ? { ...(ask.body as object), ...tokenOf(taken.last) } : ask.body;
      const started = performance.now();
      const response = await fetch(ask.url, {
        method: ask.method ?? 'GET',
        headers: { 'Content-Type': 'application/json', ...ask.headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      taken.ms.push(performance.now() - started);
      taken.statuses.push(response.status);
      if (isChain) taken.last = JSON.parse(text);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return taken;
}

function tokenOf(answer: unknown): object {
  const refreshToken = (answer as { data?: { refreshToken?: string } } | undefined)?.data?.refreshToken;
  return refreshToken === undefined ? {} : { refreshToken };
}

process.on('message', async (job: Job) => {
  process.send?.(await work(job));
});
