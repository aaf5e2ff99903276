/** Staging and production in each wrangler.toml: complete where wrangler inherits nothing, and right once filled in. */
import { expect, test } from 'vitest';
import { unstable_readConfig as readWrangler } from 'wrangler';
import { readApiConfig, readJobsConfig } from '../../src/config/read.ts';
import { constantCase, settingsFor } from '../../src/config/settings.ts';
import { keyKinds } from '../../tooling/key-values.ts';

const workers = {
  api: { path: 'wrangler.toml', read: readApiConfig },
  jobs: { path: 'src/jobs/wrangler.toml', read: readJobsConfig },
};
const secrets = {
  ...Object.fromEntries(Object.entries(keyKinds).map(([name, { make }]) => [name, make()])),
  DATABASE_URL: 'postgresql://gatehouse_api:x@ep-x-pooler.eu-central-1.aws.neon.tech/gatehouse',
  RESEND_API_KEY: 're_x',
  UPSTASH_REDIS_REST_URL: 'https://x.upstash.io',
  UPSTASH_REDIS_REST_TOKEN: 'x',
  RESEND_WEBHOOK_SECRET: 'off',
};
const cases = (['api', 'jobs'] as const).flatMap((worker) =>
  ['staging', 'production'].map((env) => [worker, env] as const),
);
const configOf = (worker: keyof typeof workers, env: string) =>
  readWrangler({ config: workers[worker].path, env });

test.each(cases)('the %s Worker in %s is given every setting by name, and no other', (worker, env) => {
  const { vars, secrets } = configOf(worker, env);
  expect([...Object.keys(vars), ...(secrets?.required ?? [])].sort()).toEqual(
    settingsFor(worker)
      .map(([name]) => constantCase(name))
      .sort(),
  );
  expect(vars.ENVIRONMENT).toBe(env);
});

test.each(cases)('the %s Worker in %s requires the secrets that it requires locally', (worker, env) => {
  expect(configOf(worker, env).secrets?.required).toEqual(configOf(worker, '').secrets?.required);
});

test.each(cases)('the %s Worker in %s starts once the examples are replaced', (worker, env) => {
  const { vars } = configOf(worker, env);
  const { read } = workers[worker];
  if (env === 'production') expect(() => read({ ...vars, ...secrets })).toThrow('is still the example');
  const filled = JSON.parse(JSON.stringify(vars).replaceAll('example.com', 'gatehouse.dev'));
  expect(read({ ...filled, ...secrets }).environment).toBe(env);
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

test.each(['staging', 'production'])('in %s data points are written', (env) => {
  expect(
    configOf('api', env).analytics_engine_datasets?.map((set: { binding: string }) => set.binding),
  ).toEqual(['METRICS']);
});
