/** The pages of examples/, each started by its one command, and used as a person does. */
import { afterEach, describe, expect, test } from 'vitest';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { type Command, startCommand } from '../support/command.ts';
import { person } from '../support/person.ts';
import { codeIn, linkTo, mailTo, residentAt } from '../support/stack-client.ts';

describe.skipIf(!whereBrowser)('examples', () => {
  let example: Command | undefined;
  // Before the browser's: what is registered first is done last, so no page is open when its server ends.
  afterEach(() => example?.stop());
  const { open, complaining, quiet } = useChromium();

  async function start(name: string, origin = ''): Promise<string> {
    const { port } = new URL(origin);
    example = startCommand(`examples/${name}`, ['npm', 'start'], { PORT: port, AUTH_URL: place.api });
    await example.untilSaid('The example is at');
    return origin;
  }

  test('a plain page: sign up, confirm, log in, stay logged in, log out everywhere, reset by the mailed link', async () => {
    const origin = await start('spa', place.spare[0]);
    const ada = person();
    const page = await open(origin);
    const status = page.getByRole('status');
    const fill = async (form: string, fields: Record<string, string>) => {
      for (const [name, value] of Object.entries(fields)) await page.fill(`${form} [name=${name}]`, value);
      await page.click(`${form} button`);
    };
    const says = (text: string) => status.getByText(text).waitFor();
    const { name, email, password } = ada;
    await fill('#signUp', { name, email, password });
    await says('A code is on its way');
    await fill('#verify', { code: codeIn(await mailTo(place, email)) });
    await says('The address is confirmed');
    await complaining(/401/, async () => {
      await fill('#logIn', { email, password: 'not the password' });
      await says('The address or the password is wrong');
    });
    await fill('#logIn', { email, password });
    await page.getByText(`Hello, ${name}`).waitFor();
    await page.reload();
    await page.getByText('(this one)').waitFor();
    await quiet();
    await page.click('#logOutEverywhere');
    await says('You are logged out');

    await fill('#forgotPassword', { email });
    await says('a link is on its way');
    const [, fragment] = (await linkTo(place, email, '/reset-password')).split('#');
    const linked = await open(`${origin}/reset-password#${fragment}`);
    await linked.fill('#linked [name=password]', 'a kettle that was not forgotten');
    await linked.click('#linked button');
    await linked.getByRole('status').getByText('Done: log in').waitFor();
    await expect.poll(() => linked.url()).toBe(`${origin}/reset-password`);
  });

  test('a React page: what one tab does, the other shows', async () => {
    const origin = await start('react', place.spare[1]);
    const { name, email, password } = await residentAt(place);
    const [page, other] = [await open(origin), await open(origin)];
    const logIn = async (secret: string) => {
      await page.fill('[name=email]', email);
      await page.fill('[name=password]', secret);
      await page.getByRole('button', { name: 'Log in' }).click();
    };
    await complaining(/401/, async () => {
      await logIn('not the password');
      await page.getByText('The email address or the password is wrong.').waitFor();
    });
    await logIn(password);
    for (const tab of [page, other]) await tab.getByText(`Hello, ${name}`).waitFor();
    await other.reload();
    await other.getByText(`Hello, ${name}`).waitFor();
    await quiet();
    await other.getByRole('button', { name: 'Log out' }).click();
    for (const tab of [page, other]) await tab.getByRole('button', { name: 'Log in' }).waitFor();
  });
});
