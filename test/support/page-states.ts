/**
 * A state of a page, looked at: by axe-core, in the dark, on the narrowest screen (320 px, or 400 % zoom), and, with
 * PICTURES naming a folder, by a camera (`npm run pictures`).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { findings } from './accessible.ts';

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 780 };
const NARROWEST = { width: 320, height: 640 };

const folder = process.env.PICTURES;

/** `pictures`: which to keep; every state is looked at in all of them. */
export async function lookAt(
  page: Page,
  name: string,
  pictures: ('desktop' | 'phone' | 'dark')[] = [],
): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(DESKTOP);
  expect(await findings(page), name).toEqual([]);
  if (pictures.includes('desktop')) await picture(page, `${name}.desktop`);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await findings(page, ['color-contrast']), `${name}, dark`).toEqual([]);
  if (pictures.includes('dark')) await picture(page, `${name}.dark`);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(NARROWEST);
  await expect
    .poll(() => page.evaluate('document.documentElement.scrollWidth'), { message: `${name}, narrow` })
    .toBe(NARROWEST.width);
  if (pictures.includes('phone')) {
    await page.setViewportSize(PHONE);
    await picture(page, `${name}.phone`);
  }
  await page.setViewportSize(DESKTOP);
}

async function picture(page: Page, name: string): Promise<void> {
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  // Playwright knows no WebP, which is a third of a PNG.
  const devtools = await page.context().newCDPSession(page);
  const isWhole = (await page.locator('dialog').count()) === 0;
  const { data } = await devtools.send('Page.captureScreenshot', {
    format: 'webp',
    quality: 80,
    captureBeyondViewport: isWhole,
    ...(isWhole && { clip: await wholeOf(page) }),
  });
  writeFileSync(join(folder, `${name}.webp`), Buffer.from(data, 'base64'));
}

async function wholeOf(page: Page) {
  const [width, height] = (await page.evaluate(
    '[document.documentElement.clientWidth, document.documentElement.scrollHeight]',
  )) as [number, number];
  return { x: 0, y: 0, width, height, scale: 1 };
}
