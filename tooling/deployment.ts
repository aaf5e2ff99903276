/**
 * Checks the settings in wrangler.toml for an environment, in the same way as the Workers do, and before anything
 * outside of this machine is asked: what is not filled in, what would not start, and what would start and not work.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { changedAtEdge, edgeLimits } from '../src/config/limits.ts';
import { isExampleHost } from '../src/config/production.ts';
import { readAdminConfig, readApiConfig, readJobsConfig } from '../src/config/read.ts';
import type { WorkerName } from '../src/config/setting.ts';
import { constantCase, settings, settingsFor } from '../src/config/settings.ts';
import { keyKinds } from './key-values.ts';
import { root } from './paths.ts';
import { messageOf } from './user-error.ts';

type Route = string | { pattern: string };
/** The part of a configuration that is checked. */
type WranglerConfig = {
  vars: Record<string, unknown>;
  secrets?: { required?: string[] };
  route?: Route;
  routes?: Route[];
  workers_dev?: boolean | undefined;
  preview_urls?: boolean | undefined;
  assets?: { run_worker_first?: boolean | string[] } | undefined;
  queues: { producers?: { binding: string }[] };
  triggers: { crons?: string[] };
  ratelimits?: { name: string; simple: { limit: number; period: number } }[];
};
export type DeployedWorker = { worker: WorkerName; name: string; config: string };

/** In the order of their deployment: the jobs Worker must know what the new API writes. */
export const deployedWorkers: DeployedWorker[] = [
  { worker: 'jobs', name: 'jobs', config: 'src/jobs/wrangler.toml' },
  { worker: 'api', name: 'API', config: 'wrangler.toml' },
];

/** Only deployed where it is asked for: not every team has operators beside the command line. */
export const adminWorker: DeployedWorker = {
  worker: 'admin',
  name: 'admin',
  config: 'src/admin/wrangler.toml',
};

/** Faults, as sentences without a full stop. An empty list: no fault is known. */
export function deploymentFaults(worker: WorkerName, environment: string, config: WranglerConfig): string[] {
  return [
    ...settingFaults(worker, environment, config.vars),
    ...secretFaults(worker, config.secrets?.required ?? []),
    ...(worker === 'api' ? [...routeFaults(config), ...edgeLimitFaults(config), ...logoFaults(config)] : []),
    ...(worker === 'admin' ? doorFaults(config) : queueFaults(config)),
    ...(worker === 'jobs' && !config.triggers.crons?.length ? ['no cron sweeps what is due'] : []),
  ];
}

const queueFaults = ({ queues }: WranglerConfig): string[] =>
  queues.producers?.some(({ binding }) => binding === 'MAIL_QUEUE')
    ? []
    : ['no queue is bound as MAIL_QUEUE'];

/** The admin Worker is only reached through Access, or by other Workers. */
function doorFaults({
  vars,
  route,
  routes = [],
  workers_dev,
  preview_urls,
  assets,
}: WranglerConfig): string[] {
  const door = ['ACCESS_ISSUER', 'ACCESS_AUDIENCE', 'ADMIN_ORIGIN'];
  const given = door.filter((name) => vars[name]);
  const hosts = [...(route ? [route] : []), ...routes].map(hostOf);
  const host = URL.parse(String(vars.ADMIN_ORIGIN))?.hostname;
  return [
    ...(workers_dev === false && preview_urls === false
      ? []
      : ['workers_dev and preview_urls must both be false: each would be a way around Access']),
    ...(assets?.run_worker_first === true
      ? []
      : ['assets.run_worker_first must be true: a file would be served without the check of Access']),
    ...(given.length === 0 || given.length === door.length ? [] : [`${door.join(', ')} go together`]),
    ...hosts.filter((one) => one !== host).map((one) => `the route ${one} is not the host of ADMIN_ORIGIN`),
    ...(host !== undefined && !hosts.includes(host)
      ? [`no route leads to the host of ADMIN_ORIGIN, ${host}`]
      : []),
    ...(vars.ACCESS_AUDIENCE === 'fill-in-the-audience-tag' ? ['ACCESS_AUDIENCE is still the example'] : []),
  ];
}

/** What neither Worker sees alone: links in mails must lead to a page. */
export function linkFaults(api: Pick<WranglerConfig, 'vars'>, jobs: Pick<WranglerConfig, 'vars'>): string[] {
  const isOurs = originOf(jobs.vars.LINK_BASE_URL) === originOf(api.vars.ISSUER);
  return isOurs && api.vars.PAGES !== 'on'
    ? [
        'LINK_BASE_URL leads to this service, where PAGES is not on: set PAGES, or the address of your own pages',
      ]
    : [];
}

const originOf = (url: unknown) => URL.parse(String(url))?.origin;

function settingFaults(worker: WorkerName, environment: string, vars: Record<string, unknown>): string[] {
  const rows = new Map(settingsFor(worker).map(([name, row]) => [constantCase(name), row]));
  const faults = Object.keys(vars).flatMap((name) => {
    if (!rows.has(name)) return [`${name} is no setting of this Worker`];
    return rows.get(name)?.isSecret ? [`${name} is a secret: it must not stand in a file`] : [];
  });
  // All other settings are checked for the environment that the Worker believes it is in.
  if (vars.ENVIRONMENT !== environment) return [...faults, `ENVIRONMENT is not ${environment}`];
  try {
    readers[worker]({ ...vars, ...standIns() });
    return faults;
  } catch (error) {
    return [...faults, messageOf(error).replace(/\.$/, '')];
  }
}

const readers = { api: readApiConfig, jobs: readJobsConfig, admin: readAdminConfig };

/** Stand-ins for the real secrets, which nobody can read back. */
const standIns = () => ({
  ...Object.fromEntries(Object.entries(keyKinds).map(([name, { make }]) => [name, make()])),
  DATABASE_URL: `postgresql://stand-in:${randomUUID()}@stand-in.neon.tech/stand-in`,
  RESEND_API_KEY: randomUUID(),
  RESEND_WEBHOOK_SECRET: 'off',
  UPSTASH_REDIS_REST_URL: 'https://stand-in.upstash.io',
  UPSTASH_REDIS_REST_TOKEN: randomUUID(),
});

/** `deploy` checks whether each required secret has been set. */
function secretFaults(worker: WorkerName, required: string[]): string[] {
  return settingsFor(worker).flatMap(([field, { isSecret, fallback }]) => {
    const name = constantCase(field);
    return isSecret && fallback === undefined && !required.includes(name)
      ? [`secrets.required lacks ${name}`]
      : [];
  });
}

/** The API must be reachable at the address in its tokens and mails. */
function routeFaults({ route, routes = [], workers_dev: isOnWorkersDev, vars }: WranglerConfig): string[] {
  const hosts = [...(route ? [route] : []), ...routes].map(hostOf);
  if (hosts.length === 0 && !isOnWorkersDev)
    return ['there is neither a route nor workers_dev = true: nobody could reach the API'];
  const examples = hosts.filter(isExampleHost).map((host) => `the route ${host} is still the example`);
  const issuer = URL.parse(String(vars.ISSUER))?.hostname ?? '';
  const isReached =
    hosts.some((host) => host === issuer || (host.startsWith('*') && issuer.endsWith(host.slice(1)))) ||
    (isOnWorkersDev === true && issuer.endsWith('.workers.dev'));
  return isReached ? examples : [...examples, `no route leads to the host of ISSUER, ${issuer}`];
}

/** wrangler.toml cannot read the table of limits, and LIMITS cannot change limits that wrangler.toml binds. */
function edgeLimitFaults({ ratelimits = [], vars }: WranglerConfig): string[] {
  const unlike = Object.values(edgeLimits)
    .filter(({ binding, count, seconds }) => {
      const bound = ratelimits.find(({ name }) => name === binding)?.simple;
      return bound?.limit !== count || bound.period !== seconds;
    })
    .map(({ binding }) => `ratelimits has no ${binding} as src/config/limits.ts has it`);
  const { data: limits } = settings.limits.schema.safeParse(vars.LIMITS);
  const changed = limits ? changedAtEdge(limits) : [];
  return [...unlike, ...changed.map((name) => `LIMITS changes ${name}, which ratelimits counts`)];
}

function logoFaults({ vars }: WranglerConfig): string[] {
  const { data: logo } = settings.brandLogo.schema.safeParse(vars.BRAND_LOGO);
  return logo === undefined || existsSync(join(root, 'pages/brand', logo))
    ? []
    : ['BRAND_LOGO is no file of pages/brand'];
}

/** `auth.acme.com` of `https://auth.acme.com/*`, whichever way a route is written. */
function hostOf(route: Route): string {
  const pattern = typeof route === 'string' ? route : route.pattern;
  return pattern.replace(/^https?:\/\//, '').split('/', 1)[0] ?? '';
}
