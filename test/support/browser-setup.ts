/**
 * Once for all tests in a real browser: the local stack, whose ALLOWED_ORIGINS names the app's origin and not its own,
 * and an app on another origin of the same site. Without a Chromium the tests are skipped, except where they are
 * demanded: by CI=true or BROWSER=required.
 */
import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:http';
import { delimiter, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { copyCheckout } from './checkout.ts';
import { freePorts, startCommand } from './command.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const PLENTY = ['signup', 'verify', 'resend', 'login', 'forgot', 'reset', 'confirm'].map(
  (name) => `${name}=1000/3600`,
);

declare module 'vitest' {
  interface ProvidedContext {
    /** Undefined where there is no browser. `app` is a listed origin, `stranger` one that is not. */
    browser: { chromium: string; api: string; mailbox: string; app: string; stranger: string } | undefined;
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
  const [port = 0, mailboxPort = 0, appPort = 0] = await freePorts(3);
  const app = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end('<!doctype html><title>An app</title><link rel="icon" href="data:,">');
  }).listen(appPort, '127.0.0.1');
  const { folder, remove } = copyCheckout();
  const stack = startCommand(folder, ['npm', 'run', 'dev'], {
    PORT: String(port),
    MAILBOX_PORT: String(mailboxPort),
    ALLOWED_ORIGINS: `http://localhost:${appPort}`,
    LIMITS: PLENTY.join(';'),
    // One person after the other, and each has their answers on a busy machine, too.
    PASSWORD_HASH_WAITING: '64',
    DATABASE_TIMEOUT_MS: '20000',
  });
  await stack.untilSaid('Ctrl-C stops');
  project.provide('browser', {
    chromium,
    api: `http://localhost:${port}`,
    mailbox: `http://localhost:${mailboxPort}`,
    app: `http://localhost:${appPort}`,
    stranger: `http://127.0.0.1:${appPort}`,
  });
  return async () => {
    app.closeAllConnections();
    app.close();
    await stack.stop();
    remove();
  };
}

function findChromium(): string | undefined {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
