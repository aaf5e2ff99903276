/** The page for operators, on the real stack, behind its stand-in for Access: one session of somebody in support. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { findings } from '../support/accessible.ts';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { lookAt } from '../support/page-states.ts';
import { type Person, person } from '../support/person.ts';
import { json, post, residentAt } from '../support/stack-client.ts';
import { codeAt, stepOf } from '../support/totp-app.ts';

const clock = { now: () => new Date(), travel: () => {} };

/** Somebody with an account, a session, an authenticator app and wrong passwords. */
async function customer(): Promise<Person> {
  const who = person('ada.okafor');
  const ada = await residentAt(place, {
    ...who,
    name: 'Ada Okafor',
    ...(process.env.PICTURES && { email: 'ada.okafor.support@example.com' }),
  });
  const { email, password } = ada;
  const { accessToken } = await post(place, '/login', { email, password });
  const { secret = '', ticket } = await post(place, '/factors/totp', { proof: { password } }, accessToken);
  await post(
    place,
    '/factors/totp/confirm',
    { ticket, code: codeAt(secret, stepOf({ clock })) },
    accessToken,
  );
  expect((await login(ada, 'not the password')).status).toBe(401);
  return ada;
}

const login = ({ email, password }: Person, given = password) =>
  fetch(`${place.api}/api/v1/auth/login`, json({ email, password: given }));

/** What an operator sees and presses. */
function operating(page: Page) {
  const sees = (words: string | RegExp) => page.getByText(words).first().waitFor();
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const dialog = page.getByRole('dialog');
  /** Presses an act, gives the reason, and waits until it is done. */
  async function act(name: string, reason: string, done: string) {
    await button(name).click();
    await dialog.getByLabel('Reason').fill(reason);
    await dialog.getByRole('button', { name, exact: true }).click();
    await sees(done);
    expect(await dialog.count()).toBe(0);
    expect(await page.evaluate('document.activeElement.tagName'), 'the heading is read').toBe('H1');
  }
  async function find({ name, email }: Person) {
    await page.getByLabel('Find a person').fill(email);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name }).click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
  }
  return { sees, button, dialog, act, find };
}

/** Also what lookAt leaves out: the phone, all rules in the dark. */
async function lookEverywhere(page: Page, name: string, pictures: ('desktop' | 'phone' | 'dark')[] = []) {
  await lookAt(page, `admin-${name}`, pictures);
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [360, 1280]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      expect(await findings(page), `${name}, ${colorScheme}, ${width} px`).toEqual([]);
    }
  await page.emulateMedia({ colorScheme: 'light' });
}

describe.skipIf(!whereBrowser)('an operator on the page', () => {
  const { open } = useChromium();

  test('finds somebody, and does each act with a reason, by keyboard too; the history shows it', async () => {
    const ada = await customer();
    const page = await open(place.admin);
    const { sees, button, dialog, act } = operating(page);

    await sees('This is a stand-in for Cloudflare Access');
    await sees('operator@localhost');
    expect(await page.locator('.bar .badge').innerText()).toBe('Operator');
    await page.getByLabel('Find a person').fill(ada.email.slice(0, -4));
    await page.keyboard.press('Enter');
    const found = page.getByRole('link', { name: 'Ada Okafor' });
    await found.waitFor();
    await lookEverywhere(page, 'find', ['desktop', 'phone']);
    await found.click();
    await sees('Second step on');
    for (const title of ['Sessions', 'History', 'Mail', 'Details', 'Actions'])
      await page.getByRole('heading', { name: title }).waitFor();
    await sees('Wrong password');
    await lookEverywhere(page, 'person', ['desktop', 'phone']);

    await button('Disable account').focus();
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Disable account');
    await button('Disable account').click();
    await dialog.getByRole('button', { name: 'Disable account' }).click();
    await sees('Fill this in');
    await page.keyboard.type('no');
    await page.keyboard.press('Enter');
    await sees('Write a few words, so that a colleague can follow');
    await lookEverywhere(page, 'reason', ['desktop', 'phone', 'dark']);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect((await login(ada)).status, 'nothing was done').toBe(200);

    await act('Log out everywhere', 'lost a tablet, ticket 4182', 'All sessions have ended');
    await sees('Not logged in anywhere');
    await act('Lift the pause', 'asked by telephone', 'The pause is lifted');
    await act('Remove lost second steps', 'passport checked, ticket 4183', 'will be removed in 72 hours');
    await act('Keep the second steps', 'found the telephone', 'The second steps stay');
    await act('Disable account', 'abuse, ticket 4184', 'The account is disabled');
    expect((await login(ada)).status).toBe(401);
    await act('Enable account', 'was not them', 'The account is enabled');
    expect((await login(ada)).status).toBe(200);

    await page.reload();
    await sees('operator@localhost: “abuse, ticket 4184”');
    await sees('Operator ended all sessions');
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByLabel('Find a person').waitFor();
    await page.goBack();
    await act('Delete account', 'asked in writing', 'The account is deleted');
    await page.getByRole('heading', { name: 'People' }).waitFor();
    expect((await login(ada)).status).toBe(401);
  });

  test('mails a link, saves the data, and stops and allows mail; each mail is told in words', async () => {
    const bob = await residentAt(place, { ...person('bob'), name: 'Bob Adeyemi' });
    const page = await open(place.admin);
    const { sees, button, act, find } = operating(page);
    const mails = page.locator('section', { has: page.getByRole('heading', { name: 'Mail', exact: true }) });
    await find(bob);
    await mails.getByText('Proof of the address').waitFor();
    await act('Send a reset link', 'asked by telephone, ticket 4190', 'A reset link is on its way');
    await mails.getByText('Reset link').waitFor();
    await sees('Operator sent a reset link');

    const saved = page.waitForEvent('download');
    await act('Export the data', 'asked in writing, ticket 4191', 'The data is saved');
    const file = await saved;
    expect(file.suggestedFilename()).toBe('person.json');
    expect(JSON.parse(readFileSync(await file.path(), 'utf8'))).toMatchObject({
      account: { email: bob.email },
    });
    await sees('Operator exported the data');

    await act('Stop mail', 'the mailbox is full', 'Mail to this address is stopped');
    await page.locator('.badges').getByText('No mail').waitFor();
    expect(await button('Stop mail').count()).toBe(0);
    await act('Allow mail again', 'the mailbox is emptied', 'Mail is sent again');
    await page.locator('.badges').getByText('No mail').waitFor({ state: 'detached' });
    await sees('Operator allowed mail again');
  });

  test('sends the proof of a sign-up again', async () => {
    const who = { ...person('eve'), name: 'Eve Waiting' };
    await post(place, '/signup', who);
    const page = await open(place.admin);
    const { sees, act, find } = operating(page);
    await find(who);
    await act('Send the proof again', 'found no mail, ticket 4192', 'The link is on its way');
    await sees('Operator sent the proof again');
  });

  test('past the stand-in, no file of it is to be had', async () => {
    const html = await (await fetch(place.admin)).text();
    const files = [...html.matchAll(/(?:href|src|data-words)="(\/[^"]+)"/g)].map(([, path]) => path ?? '');
    expect(files.length).toBe(4);
    for (const path of ['/', '/shell', ...files]) {
      const { status } = await fetch(`${place.api}/.local-admin-worker${path}`);
      expect(status, path).toBe(401);
    }
    for (const path of files) {
      const { status, headers } = await fetch(place.admin + path);
      expect([status, headers.get('Cross-Origin-Resource-Policy')], path).toEqual([200, 'same-origin']);
      expect(headers.get('Cache-Control')).toBe('private, no-cache');
    }
  });
});
