/**
 * The image of the Dockerfile, without a Docker daemon: buildah builds it in a folder of its own, upon the three packages
 * of Debian that make the base which the Dockerfile names. A registry has that base; these are the ones of this machine,
 * so that nothing is downloaded. The first stage runs what this run has run already (npm ci, npm run build:selfhost); its
 * outcome is handed over.
 */
import { execFile, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const BASE_PACKAGES = ['libc6', 'libgcc-s1', 'libstdc++6'];

/** Not synchronously: the runner of the tests must hear of this process meanwhile. */
const run = promisify(execFile);

/** By root alone: without, its files and processes would belong to users of whom the test may delete and end none. */
export const isImageBuildable = (): boolean =>
  process.getuid?.() === 0 &&
  [
    ['buildah', '--version'],
    ['dpkg', '-L', ...BASE_PACKAGES],
  ].every(([tool = '', ...args]) => spawnSync(tool, args, { stdio: 'ignore' }).status === 0);

/** The files of these packages, the links that lead to their folders, and a /tmp. */
async function packBase(file: string): Promise<void> {
  const { stdout } = await run('dpkg', ['-L', ...BASE_PACKAGES]);
  const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true;
  const files = stdout.split('\n').filter((path) => path !== '' && !isFolder(path));
  // Under the names that lead there without a link: /lib is one to /usr/lib.
  const real = new Set(files.map((path) => join(realpathSync(dirname(path)), basename(path))));
  const paths = ['/lib', '/lib64', '/tmp', ...real].map((path) => path.slice(1));
  await run('tar', ['--create', '--no-recursion', '--directory', '/', '--file', file, ...paths]);
}

export async function buildImage(release: string) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-image-'));
  const stores = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run')];
  const env = { ...process.env, STORAGE_DRIVER: 'vfs', BUILDAH_ISOLATION: 'chroot' };
  const buildah = async (...args: string[]) =>
    (await run('buildah', [...stores, ...args], { env })).stdout.trim();

  const built = join(folder, 'build/source/dist/selfhost');
  mkdirSync(join(folder, 'build/source/dist'), { recursive: true });
  cpSync(release, built, { recursive: true });
  copyFileSync(process.execPath, join(built, 'bin/node'));
  const rootFiles = join(folder, 'base.tar');
  await packBase(rootFiles);
  const base = await buildah('from', 'scratch');
  await buildah('add', '--quiet', base, rootFiles, '/');
  await buildah('commit', '--quiet', base, 'localhost/base');
  const from = [
    '--build-context',
    `build=${join(folder, 'build')}`,
    '--build-arg',
    'BASE_IMAGE=localhost/base',
  ];
  await buildah(
    'bud',
    '--format',
    'docker',
    '--pull-never',
    ...from,
    '-t',
    'localhost/gatehouse',
    '-f',
    'Dockerfile',
    '.',
  );
  const { OCIv1: image, Docker } = JSON.parse(
    await buildah('inspect', '--type', 'image', 'localhost/gatehouse'),
  );
  const container = await buildah('from', '--pull-never', 'localhost/gatehouse');
  const { Entrypoint, Cmd, User } = image.config as { Entrypoint: string[]; Cmd: string[]; User: string };

  return {
    config: { ...image.config, Healthcheck: Docker.config.Healthcheck } as Record<string, unknown>,
    run: (...line: string[]) => buildah('run', '--user', User, container, '--', ...line),
    /** How its own command is started, with the settings in a file. */
    start(values: Record<string, string>): string[] {
      const file = join(folder, 'gatehouse.env');
      writeFileSync(
        file,
        Object.entries(values)
          .map(([name, value]) => `${name}='${value}'\n`)
          .join(''),
      );
      const mount = [
        '--volume',
        `${file}:/run/secrets/gatehouse.env:ro`,
        '--env',
        'SETTINGS_FILE=/run/secrets/gatehouse.env',
      ];
      return [
        'env',
        'STORAGE_DRIVER=vfs',
        'BUILDAH_ISOLATION=chroot',
        'buildah',
        ...stores,
        'run',
        '--user',
        User,
        ...mount,
        container,
        '--',
        ...Entrypoint,
        ...Cmd,
      ];
    },
    async remove() {
      await buildah('rm', '--all');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
