/** Each wrangler.toml: what it says of staging and production, where wrangler inherits nothing, and that it is right once filled in. */
import { expect, test } from 'vitest';
import { unstable_readConfig as readWrangler } from 'wrangler';
import { edgeLimits } from '../../src/config/limits.ts';
import type { Reader, Setting } from '../../src/config/setting.ts';
import { constantCase, settingsFor } from '../../src/config/settings.ts';
import { deploymentFaults, linkFaults } from '../../tooling/deployment.ts';

const workers = {
  api: 'wrangler.toml',
  jobs: 'src/jobs/wrangler.toml',
  admin: 'src/admin/wrangler.toml',
};
const cases = (['api', 'jobs', 'admin'] as const).flatMap((worker) =>
  ['staging', 'production'].map((env) => [worker, env] as const),
);
const configOf = (worker: keyof typeof workers, env: string) =>
  readWrangler({ config: workers[worker], env });

test.each(cases)(
  'the %s Worker in %s is given nothing but settings that have no right default',
  (worker, env) => {
    const { vars } = configOf(worker, env);
    const rows = new Map<string, Setting<unknown, Reader>>(
      settingsFor(worker).map(([name, row]) => [constantCase(name), row]),
    );
    for (const [name, value] of Object.entries(vars)) {
      expect(value, name).not.toBe(rows.get(name)?.fallback ?? '');
    }
  },
);

test.each(['api', 'jobs', 'admin'] as const)(
  'locally the %s Worker is told nothing by its wrangler.toml, so that .dev.vars can tell it all',
  (worker) => {
    const { vars, secrets } = configOf(worker, '');
    expect({ vars, secrets }).toEqual({ vars: {}, secrets: undefined });
  },
);

/** What wrangler reads once the examples are replaced, with a change. */
const filledIn = (worker: keyof typeof workers, env: string, change: object = {}) => {
  const config = JSON.parse(
    JSON.stringify(configOf(worker, env))
      .replaceAll('example.com', 'gatehouse.dev')
      .replace('fill-in-the-audience-tag', 'a4711'),
  );
  return { ...config, ...change };
};

test.each(cases)(
  'the %s Worker in %s waits for its examples to be replaced, and for nothing else',
  (worker, env) => {
    expect(deploymentFaults(worker, env, configOf(worker, env)).join()).toContain('is still the example');
    expect(deploymentFaults(worker, env, filledIn(worker, env))).toEqual([]);
  },
);

test.each(['staging', 'production'])('links in mails of %s lead to a page', (env) => {
  const [api, jobs] = [filledIn('api', env), filledIn('jobs', env)];
  const without = { vars: { ...api.vars, PAGES: undefined } };
  expect(linkFaults(api, jobs)).toEqual([]);
  expect(linkFaults(without, jobs)).toEqual([expect.stringContaining('where PAGES is not on')]);
  const own = { vars: { ...jobs.vars, LINK_BASE_URL: 'https://app.gatehouse.dev' } };
  expect(linkFaults(without, own)).toEqual([]);
});

const api = filledIn('api', 'production');
const told = (vars: Record<string, unknown>) => ({ vars: { ...api.vars, ...vars } });

test.each([
  ['no route', { routes: undefined }, 'there is neither a route nor workers_dev = true'],
  [
    'an example as route',
    { routes: ['auth.example.org/*'] },
    'the route auth.example.org is still the example',
  ],
  ['a route elsewhere', { routes: ['login.gatehouse.dev/*'] }, 'no route leads to the host of ISSUER'],
  ['workers.dev alone', { routes: undefined, workers_dev: true }, 'no route leads to the host of ISSUER'],
  ['the wrong environment', told({ ENVIRONMENT: 'local' }), 'ENVIRONMENT is not production'],
  ['no environment', told({ ENVIRONMENT: undefined }), 'ENVIRONMENT is not production'],
  ['an unknown name', told({ LIMIT_LOGIN: '5/60' }), 'LIMIT_LOGIN is no setting of this Worker'],
  ['a logo that is not there', told({ BRAND_LOGO: 'lost.svg' }), 'BRAND_LOGO is no file of pages/brand'],
  ['a secret in the file', told({ MAIL_SECRETS: 'x' }), 'MAIL_SECRETS is a secret'],
  ['a plain-text origin', told({ ALLOWED_ORIGINS: 'http://a.dev' }), 'ALLOWED_ORIGINS must be https'],
  ['a secret not asked for', { secrets: { required: [] } }, 'secrets.required lacks RESEND_WEBHOOK_SECRET'],
  ['no queue', { queues: {} }, 'no queue is bound as MAIL_QUEUE'],
  ['no counters at the edge', { ratelimits: [] }, 'ratelimits has no LOGIN_BURST_LIMIT as'],
  [
    'another budget at the edge',
    { ratelimits: [{ name: 'LOGIN_BURST_LIMIT', simple: { limit: 61, period: 60 } }] },
    'ratelimits has no LOGIN_BURST_LIMIT as',
  ],
  ['LIMITS that change one at the edge', told({ LIMITS: 'account=1/60' }), 'LIMITS changes account'],
])('an API with %s is refused', (_, change, fault) => {
  expect(deploymentFaults('api', 'production', { ...api, ...change }).join('; ')).toContain(fault);
});

test.each([
  ['a wildcard', { routes: ['*.gatehouse.dev/*'] }],
  [
    'the whole address',
    { routes: [{ pattern: 'https://auth.gatehouse.dev/*', zone_name: 'gatehouse.dev' }] },
  ],
  [
    'workers.dev',
    { routes: undefined, workers_dev: true, ...told({ ISSUER: 'https://gatehouse-api.acme.workers.dev' }) },
  ],
])('an API is in reach by %s', (_, change) => {
  expect(deploymentFaults('api', 'production', { ...api, ...change })).toEqual([]);
});

test('where it is deployed, the API runs near its database', () => {
  for (const env of ['staging', 'production'])
    expect(configOf('api', env).placement).toEqual({ mode: 'smart' });
});

test('each environment binds the limits of the edge as the table has them, and counts them apart from the others', () => {
  const bound = ['', 'staging', 'production'].flatMap((env) => configOf('api', env).ratelimits);
  const table = Object.values(edgeLimits).map(({ binding: name, count: limit, seconds: period }) => ({
    name,
    simple: { limit, period },
  }));
  expect(bound.map(({ name, simple }) => ({ name, simple }))).toEqual([...table, ...table, ...table]);
  expect(new Set(bound.map(({ namespace_id: id }) => id)).size).toBe(bound.length);
});

test('jobs without a cron are refused: nothing would be swept', () => {
  const config = filledIn('jobs', 'production', { triggers: { crons: [] } });
  expect(deploymentFaults('jobs', 'production', config)).toEqual(['no cron sweeps what is due']);
});

test.each(['staging', 'production'])(
  'in %s the API fills the queue that the jobs Worker empties, apart from the others',
  (env) => {
    const [consumer] = configOf('jobs', env).queues.consumers ?? [];
    expect(
      configOf('api', env).queues.producers?.map((producer: { queue?: string }) => producer.queue),
    ).toEqual([consumer?.queue]);
    const [local] = configOf('jobs', '').queues.consumers ?? [];
    const suffix = env === 'staging' ? '-staging' : '';
    expect(consumer).toEqual({
      ...local,
      queue: `gatehouse-mail${suffix}`,
      dead_letter_queue: `gatehouse-mail${suffix}-dead`,
    });
  },
);

const measured = cases.filter(([worker]) => worker !== 'admin');

test.each(measured)('the %s Worker writes its data points in %s', async (worker, env) => {
  const suffix = env === 'staging' ? '_staging' : '';
  expect(configOf(worker, env).analytics_engine_datasets).toEqual([
    { binding: 'METRICS', dataset: `gatehouse_${worker === 'api' ? 'requests' : 'jobs'}${suffix}` },
  ]);
});

test.each([
  [{ workers_dev: undefined }, 'workers_dev and preview_urls must both be false'],
  [{ workers_dev: true }, 'workers_dev and preview_urls must both be false'],
  [{ preview_urls: undefined }, 'workers_dev and preview_urls must both be false'],
  [{ assets: undefined }, 'assets.run_worker_first must be true'],
  [{ assets: { run_worker_first: ['/api/*'] } }, 'assets.run_worker_first must be true'],
  [{ routes: [] }, 'no route leads to the host of ADMIN_ORIGIN'],
  [
    { routes: [{ pattern: 'auth.gatehouse.dev' }] },
    'the route auth.gatehouse.dev is not the host of ADMIN_ORIGIN',
  ],
  [{ vars: { ENVIRONMENT: 'production', ADMIN_ORIGIN: 'https://admin.auth.gatehouse.dev' } }, 'go together'],
  [
    { vars: { ENVIRONMENT: 'production', ACCESS_ISSUER: 'http://acme.cloudflareaccess.com' } },
    'must be https',
  ],
])('an admin Worker that could be reached without Access is not deployed: %j', (change, fault) => {
  expect(deploymentFaults('admin', 'production', filledIn('admin', 'production', change)).join()).toContain(
    fault,
  );
});

test('without a route and without Access, it serves other Workers alone', () => {
  const alone = { vars: { ENVIRONMENT: 'production' }, routes: [] };
  expect(deploymentFaults('admin', 'production', filledIn('admin', 'production', alone))).toEqual([]);
});
