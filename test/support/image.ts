/**
 * The image of the Dockerfile, without a Docker daemon: buildah builds it in a folder of its own, upon a root file
 * system with the same three packages of Debian as the base that the Dockerfile names, which only a registry has. The
 * first stage runs what this run has run already (npm ci, npm run build:selfhost); its outcome is handed over.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BASE_PACKAGES = 'libc6,libgcc-s1,libstdc++6';

export const isImageBuildable = (): boolean =>
  ['buildah', 'mmdebstrap'].every((tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0);

export function buildImage(release: string) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-image-'));
  const stores = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run')];
  const env = { ...process.env, STORAGE_DRIVER: 'vfs', BUILDAH_ISOLATION: 'chroot' };
  const buildah = (...args: string[]) =>
    execFileSync('buildah', [...stores, ...args], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();

  const built = join(folder, 'build/source/dist/selfhost');
  mkdirSync(join(folder, 'build/source/dist'), { recursive: true });
  cpSync(release, built, { recursive: true });
  copyFileSync(process.execPath, join(built, 'bin/node'));
  const rootFiles = join(folder, 'base.tar');
  execFileSync('mmdebstrap', [
    '--quiet',
    '--variant=extract',
    `--include=${BASE_PACKAGES}`,
    'bookworm',
    rootFiles,
  ]);
  const base = buildah('from', 'scratch');
  buildah('add', '--quiet', base, rootFiles, '/');
  buildah('commit', '--quiet', base, 'localhost/base');
  const from = [
    '--build-context',
    `build=${join(folder, 'build')}`,
    '--build-arg',
    'BASE_IMAGE=localhost/base',
  ];
  buildah(
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
  const { OCIv1: image, Docker } = JSON.parse(buildah('inspect', '--type', 'image', 'localhost/gatehouse'));
  const container = buildah('from', '--pull-never', 'localhost/gatehouse');
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
    remove() {
      buildah('rm', '--all');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
