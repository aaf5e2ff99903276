/** The load, in a process of its own: it makes the given requests and reports how long each took. */
export type Ask = { url: string; method?: string; headers?: Record<string, string>; body?: unknown };
export type Job = {
  /** One after the other, to each Worker in turn; a chain refreshes with the token of the answer before. */
  asks: Ask[];
  concurrency: number;
  isChain?: boolean;
};
/** In the order of the answers. With one at a time that is the order of the requests. */
export type Taken = { ms: number[]; statuses: number[]; bodies: string[] };

async function work({ asks, concurrency, isChain = false }: Job): Promise<Taken> {
  const taken: Taken = { ms: [], statuses: [], bodies: [] };
  const queue = [...asks];
  const worker = async () => {
    for (let ask = queue.shift(); ask; ask = queue.shift()) {
      const body = isChain ? { ...(ask.body as object), ...tokenOf(taken.bodies.at(-1)) } : ask.body;
      const started = performance.now();
      const response = await fetch(ask.url, {
        method: ask.method ?? 'GET',
        headers: { 'Content-Type': 'application/json', ...ask.headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      taken.ms.push(performance.now() - started);
      taken.statuses.push(response.status);
      taken.bodies.push(text);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return taken;
}

function tokenOf(answer: string | undefined): object {
  if (answer === undefined) return {};
  const { refreshToken } = (JSON.parse(answer) as { data: { refreshToken: string } }).data;
  return { refreshToken };
}

process.on('message', async (job: Job) => {
  process.send?.(await work(job));
});
