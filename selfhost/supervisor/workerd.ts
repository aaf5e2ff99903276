/**
 * One workerd with the API Worker and what stands around it. It inherits a listening socket. A second
 * socket, in the folder of the service, is for probes.
 */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getOver } from './http.ts';
import type { Started } from './keeper.ts';

type Values = Record<string, string>;
export type Release = {
  /** The folder of a build (dev/build-selfhost.ts). */
  folder: string;
  /** Sockets and the configuration of workerd. */
  runFolder: string;
  gatewaySocket: string;
};

/** What the build says of the API bundle: its modules, the entry first, and the date in wrangler.toml. */
type Bundle = { modules: string[]; compatibilityDate: string };

const PROBE_MS = 1_000;
/** After standard input, output and error. */
const LISTENING_FD = 3;

export function startWorkerd(
  { folder, runFolder, gatewaySocket }: Release,
  name: string,
  { api, front }: { api: Values; front: Values },
  listeningFd: number,
): Started {
  const config = join(runFolder, `${name}.capnp`);
  writeFileSync(config, configOf(folder, gatewaySocket, { api, front }));
  const probe = join(runFolder, `${name}.sock`);
  // That of a process that was killed is still there.
  rmSync(probe, { force: true });
  const child = spawn(
    join(folder, 'bin/workerd'),
    [
      'serve',
      config,
      `--socket-fd=public=${LISTENING_FD}`,
      `--socket-addr=probe=unix:${probe}`,
      '-I',
      folder,
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe', listeningFd],
      env: { ...api, ...front, SSL_CERT_FILE: join(folder, 'ca.pem') },
    },
  );
  return {
    process: child,
    isAnswering: async () => (await getOver(probe, '/health/live', PROBE_MS)).status === 200,
  };
}

/** The values of settings are read from the environment of workerd and stand in no file. */
function configOf(
  folder: string,
  gatewaySocket: string,
  { api, front }: { api: Values; front: Values },
): string {
  const text = JSON.stringify;
  const fromEnvironment = (values: Values) =>
    Object.keys(values).map((name) => `(name = ${text(name)}, fromEnvironment = ${text(name)})`);
  const manifest = readFileSync(join(folder, 'assets.json'), 'utf8');
  const bundle = JSON.parse(readFileSync(join(folder, 'api.json'), 'utf8')) as Bundle;
  const modules = bundle.modules.map((file) => `(name = ${text(file)}, esModule = embed "/api/${file}")`);
  const date = text(bundle.compatibilityDate);
  const around = (name: string, file: string, bindings: string[] = [], outbound = '"nothing"') =>
    `(name = ${text(name)}, worker = (modules = [(name = ${text(file)}, esModule = embed "/front/${file}")],
      compatibilityDate = ${date}, bindings = [${bindings.join(', ')}], globalOutbound = ${outbound}))`;
  const service = (name: string, target: string) => `(name = ${text(name)}, service = ${text(target)})`;
  const services = [
    `(name = "api", worker = (modules = [${modules.join(', ')}], compatibilityDate = ${date}, globalOutbound = "outbound", bindings = [
      ${[...fromEnvironment(api), '(name = "MAIL_QUEUE", queue = "doorbell")', service('ASSETS', 'assets')].join(', ')}]))`,
    around('front', 'front.js', [service('API', 'api'), ...fromEnvironment(front)]),
    around('outbound', 'outbound.js', [service('GATEWAY', 'gateway'), service('NETWORK', 'network')]),
    around('assets', 'assets.js', [
      service('FILES', 'files'),
      `(name = "MANIFEST", json = ${text(manifest)})`,
    ]),
    around('doorbell', 'doorbell.js'),
    `(name = "gateway", external = (address = ${text(`unix:${gatewaySocket}`)}, http = ()))`,
    `(name = "files", disk = (path = ${text(join(folder, 'assets'))}))`,
    `(name = "network", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true)))`,
    `(name = "nothing", network = (allow = []))`,
  ];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    ${services.join(',\n    ')}
  ],
  sockets = [(name = "public", http = (), service = "front"), (name = "probe", http = (), service = "front")],
);
`;
}
