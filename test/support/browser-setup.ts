/**
 * Once for all tests in a real browser: the local stack, whose ALLOWED_ORIGINS names the app's origin and not its own,
 * and an app on another origin of the same site. Without a Chromium the tests are skipped, except where they are
 * demanded: by CI=true or BROWSER=required.
 */
import { accessSync, constants } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { delimiter, join } from 'node:path';
import { buildSync } from 'esbuild';
import type { TestProject } from 'vitest/node';
import { keyKinds } from '../../tooling/key-values.ts';
import { freePorts } from './command.ts';
import { startGenerousStack } from './generous-stack.ts';

/** The one without a window of its own takes a quarter of the time for a page. */
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];
declare module 'vitest' {
  interface ProvidedContext {
    /**
     * Undefined where there is no browser. `app` is a listed origin, `foreign` one of another site, `stranger` none; on
     * those of `spare`, which are listed, nobody listens yet. With `backendKey` a backend is believed.
     */
    browser:
      | {
          chromium: string;
          api: string;
          mailbox: string;
          admin: string;
          app: string;
          foreign: string;
          stranger: string;
          spare: string[];
          backendKey: string;
        }
      | undefined;
  }
}

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const chromium = findChromium();
  if (chromium === undefined) {
    if (process.env.CI === 'true' || process.env.BROWSER === 'required')
      throw new Error(`No Chromium: CHROMIUM names none, and PATH has none of ${NAMES.join(', ')}.`);
    console.warn('No Chromium (CHROMIUM=/path/to/chromium names one): the tests in a browser are skipped.');
    project.provide('browser', undefined);
    return undefined;
  }
  const [port = 0, mailboxPort = 0, appPort = 0, foreignPort = 0, ...sparePorts] = await freePorts(6);
  const spare = sparePorts.map((one) => `http://localhost:${one}`);
  const apps = [appPort, foreignPort].map((one) => createServer(anApp()).listen(one, '127.0.0.1'));
  const backendKey = keyKinds.BACKEND_KEYS.make();
  const { api, mailbox, admin, stop } = await startGenerousStack(
    { api: port, mailbox: mailboxPort },
    {
      ALLOWED_ORIGINS: [`http://localhost:${appPort}`, `http://127.0.0.1:${foreignPort}`, ...spare].join(),
      SESSION_REFRESHES: '100000',
      BACKEND_KEYS: backendKey,
    },
  );
  project.provide('browser', {
    chromium,
    api,
    mailbox,
    admin,
    app: `http://localhost:${appPort}`,
    foreign: `http://127.0.0.1:${foreignPort}`,
    stranger: `http://127.0.0.1:${appPort}`,
    spare,
    backendKey,
  });
  return async () => {
    for (const app of apps) {
      app.closeAllConnections();
      app.close();
    }
    await stop();
  };
}

/** A page without anything on it, whatever its path, and the client as it is published. */
function anApp(): RequestListener {
  const { outputFiles } = buildSync({
    stdin: {
      contents: "export * from './index.ts'; export * from './factors.ts';",
      resolveDir: 'packages/client/src',
    },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  const client = outputFiles.map(({ text }) => text).join('');
  return ({ url }, response) => {
    const isClient = url === '/client.js';
    response.setHeader('Content-Type', isClient ? 'text/javascript' : 'text/html; charset=utf-8');
    response.end(isClient ? client : '<!doctype html><title>An app</title><link rel="icon" href="data:,">');
  };
}

function findChromium(): string | undefined {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
