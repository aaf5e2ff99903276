/** How logins at once slow each other and other requests down, measured in hashes: shedding, and waiting behind a hash. */
import { login, repeated } from './asks.ts';
import type { Taken } from './load.ts';
import { median, quantile, type Row, ratio } from './report.ts';
import type { Stage } from './stage.ts';
import { counted } from './traffic.ts';

export async function crowds(stage: Stage): Promise<Row[]> {
  const {
    stores,
    targets: { api },
    people: [ada],
    load,
    isQuick,
  } = stage;
  const alone = await load.good(api.url, repeated(login(ada), isQuick ? 3 : 9));
  const hash = median(alone.ms);
  const rows: Row[] = [
    { name: 'a login alone (one hash, at no delay)', is: `${hash.toFixed(0)} ms`, budget: '' },
  ];
  const crowd: Taken[] = [];
  const trips = await stores.traffic.during(async () => {
    crowd.push(await load.work(api.url, repeated(login(ada), 32), 32));
  });
  const { ms, statuses } = crowd[0] as Taken;
  const late = ms.filter((_, index) => statuses[index] === 503);
  const judged = statuses.length - late.length;
  // While a hash runs the limiter may look late, and Postgres then replaces it: a judged login makes three trips there.
  const { postgres, redis } = counted(trips);
  const extra = Math.max(postgres - 3 * judged, 0) + Math.max(redis - judged, 0);
  rows.push({
    name: 'trips of all logins that are shed, of 32 at once',
    is: `${extra} of ${late.length}`,
    budget: '0',
    isMissed: extra !== 0,
  });
  rows.push(ratio('a shed login, p95, in hashes', quantile(late, 0.95), hash, 1.5));
  for (const logins of [8, 32])
    rows.push(
      ratio(`health beside ${logins} logins, p95, in hashes`, await headOfLine(stage, logins), hash, 1.5),
    );
  return rows;
}

/** How late a request without a hash is answered while others hash. */
async function headOfLine({ targets: { api }, people: [ada], load }: Stage, logins: number): Promise<number> {
  const { url, headers, body } = login(ada);
  const sent = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
  let isBusy = true;
  const busy = Promise.all(
    Array.from({ length: logins }, () => fetch(api.url + url, sent).then((response) => response.text())),
  ).finally(() => {
    isBusy = false;
  });
  const health: number[] = [];
  while (isBusy) health.push(...(await load.work(api.url, [{ url: '/health/live' }])).ms);
  await busy;
  return quantile(health, 0.95);
}
