/** Pages of the app that use the client as it is published (packages/client), and what they see. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { place } from './chromium.ts';

// biome-ignore lint/suspicious/noExplicitAny: what runs in the page has the DOM's types, which these tests are not checked with
type InPage = any;

export type ClientPage = {
  page: Page;
  /** What the page's client gives. `work` is sent as text: all it can see is the client and its one argument. */
  run<T>(work: (auth: InPage, given: InPage) => T, given?: unknown): Promise<Awaited<T>>;
  /** The code that it is refused with. */
  refused(work: (auth: InPage, given: InPage) => unknown, given?: unknown): Promise<string>;
  /** Waits for a status, told to a listener. */
  sees(status: string): Promise<void>;
  /** Every status that its listener was told of, in order. */
  seen(): Promise<string[]>;
  /** How often a path of the service was asked for by this page. */
  asked(path: string): number;
};

/** A page whose client has a listener, and whose state is known. */
export async function clientOn(page: Page, options: Record<string, unknown> = {}): Promise<ClientPage> {
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.method() !== 'OPTIONS') asked.push(new URL(request.url()).pathname);
  });
  const run = <T>(work: (auth: InPage, given: InPage) => T, given?: unknown) =>
    page.evaluate(`(${work})(auth, ${JSON.stringify(given)})`) as Promise<Awaited<T>>;
  const seen = () => page.evaluate('seen') as Promise<string[]>;
  const client: ClientPage = {
    page,
    run,
    refused: (work, given) =>
      page.evaluate(
        `(async () => (${work})(auth, ${JSON.stringify(given)}))().then(() => 'not refused', (error) => error.code ?? String(error))`,
      ),
    sees: (status) => expect.poll(async () => (await seen()).at(-1), { interval: 50 }).toBe(status),
    seen,
    asked: (path) => asked.filter((one) => one === `/api/v1/auth${path}`).length,
  };
  await page.evaluate(`import('/client.js').then((client) => {
    Object.assign(globalThis, client, { seen: [], auth: client.createGatehouse(${JSON.stringify({ url: place.api, ...options })}) });
    auth.onChange(({ status }) => seen.push(status));
  })`);
  return client;
}
