/** What logins at once do to each other and to the rest, in lengths of one hash. */
import { login, repeated } from './asks.ts';
import type { Ask } from './load.ts';
import { median, quantile, type Row, ratio } from './report.ts';
import type { Stage } from './stage.ts';

export async function crowds({ stores, targets: { api }, people, load, isQuick }: Stage): Promise<Row[]> {
  const [ada] = people;
  const alone = await load.work(api.url, repeated(login(ada), isQuick ? 3 : 9));
  const hash = median(alone.ms);
  const rows: Row[] = [
    { name: 'a login alone (one hash, at no delay)', is: `${hash.toFixed(0)} ms`, budget: '' },
  ];
  Object.assign(stores.state, { postgres: 0, redis: 0 });
  const crowd = await load.work(api.url, repeated(login(ada), 32), 32);
  const late = crowd.ms.filter((_, index) => crowd.statuses[index] === 503);
  const judged = crowd.statuses.length - late.length;
  // While hashes hold the thread the limiter may look late and be stood in for by Postgres: three trips a judged login there.
  const { postgres, redis } = stores.state;
  const extra = Math.max(postgres - 3 * judged, 0) + Math.max(redis - judged, 0);
  rows.push({
    name: 'trips of all logins that are shed, of 32 at once',
    is: `${extra} of ${late.length}`,
    budget: '0',
    isMissed: extra !== 0,
  });
  rows.push(ratio('a shed login, p95, in hashes', quantile(late, 0.95), hash, 1.5));
  for (const logins of [8, 32]) {
    let isBusy = true;
    const busy = Promise.all(
      Array.from({ length: logins }, () =>
        fetch(api.url + login(ada).url, sent(login(ada))).then((response) => response.text()),
      ),
    ).finally(() => {
      isBusy = false;
    });
    const health: number[] = [];
    while (isBusy) health.push(...(await load.work(api.url, [{ url: '/health/live' }])).ms);
    await busy;
    rows.push(ratio(`health beside ${logins} logins, p95, in hashes`, quantile(health, 0.95), hash, 1.5));
  }
  return rows;
}

const sent = ({ method, headers, body }: Ask): RequestInit => ({
  method: method ?? 'GET',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
