/** What holds for every mail, whatever its words. */
import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { samples } from '../../cli/mail-samples.ts';
import { readJobsConfig } from '../../src/config/read.ts';
import { preferredLanguage } from '../../src/lib/locale.ts';
import { write } from '../../src/mail/compose.ts';
import type { Template } from '../../src/mail/message.ts';
import { resendMailer } from '../../src/ports/mailer.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { person } from '../support/person.ts';

const bindings = env as unknown as Record<string, string>;
const brand = { productName: 'Acme <Inc>' };
const QUOTES = `Ada "Dot" O'Neil & <b>`;

describe.each(samples)('$name', ({ sample }) => {
  const message = sample((template, values) => write({ locale: 'en' }, brand, template, values));

  test('names the product in both parts and has a subject of one line', () => {
    expect(message.text).toContain('Acme <Inc>');
    expect(message.html).toContain('Acme &lt;Inc&gt;');
    expect(message.subject).toMatch(/^[^\r\n]{10,78}$/);
  });

  test('escapes what people wrote', () => {
    expect(message.html).not.toMatch(/<b>|<Inc>/);
  });

  test('loads nothing, follows nobody, and links to configured places only', () => {
    expect(message.html).not.toMatch(/<img|<link|<script|<iframe|src=|url\(|@import|background=/i);
    const links = [...message.html.matchAll(/href="([^"]*)"/g)].map(([, link = '']) => link);
    for (const link of links) expect(link).toMatch(/^http:\/\/localhost:8787\/[a-z-]+#token=[\w-]+$/);
    expect([...message.text.matchAll(/https?:\/\/\S+/g)].map(([link]) => link)).toEqual(links);
  });

  test('is made for light and dark and for narrow screens', () => {
    expect(message.html).toContain('<meta name="color-scheme" content="light dark">');
    expect(message.html).toContain('prefers-color-scheme:dark');
    expect(message.html).not.toMatch(/[^-]width:\s*[3-9]\d\dpx/);
  });

  test('shows its code whole, and in the subject and the preview text', () => {
    const [code] = /\b\d{6}\b/.exec(message.subject) ?? [];
    if (code === undefined) return;
    expect(message.html).toContain(`>${code}</span>`);
    expect(/<div style="display:none[^>]*>([^<]*)/.exec(message.html)?.[1]).toContain(code);
    expect(message.text).toContain(code);
  });
});

const greeting: Template<{ name: string }> = {
  en: ({ name }) => ({ subject: `Hello ${name}`, preview: '', blocks: [] }),
  de: ({ name }) => ({ subject: `Hallo ${name}`, preview: '', blocks: [] }),
};

test('what people wrote can end no attribute and no tag, and is text as they wrote it', () => {
  const message = write({ locale: 'en' }, { productName: QUOTES }, greeting, { name: QUOTES });
  expect(message.html).toContain('Ada &quot;Dot&quot; O&#39;Neil &amp; &lt;b&gt;');
  expect(message.html).not.toMatch(/"Dot"|O'Neil/);
  expect(message.text).toContain(QUOTES);
});

test.each([
  ['de', 'Hallo', 'de'],
  ['de-ch', 'Hallo', 'de'],
  ['fr', 'Hello', 'en'],
  ['constructor', 'Hello', 'en'],
  ['', 'Hello', 'en'],
])('a person whose locale is "%s" is written to with "%s"', (locale, word, language) => {
  const message = write({ locale }, brand, greeting, { name: 'Ada' });
  expect(message.subject).toBe(`${word} Ada`);
  expect(message.html).toContain(`<html lang="${language}"`);
});

test.each([
  [undefined, undefined],
  ['*', undefined],
  ['de-CH, de;q=0.9, en;q=0.8', 'de-ch'],
  ['en;q=0.2, fr;q=0.9', 'fr'],
  ['"; DROP TABLE users', undefined],
])('Accept-Language %j asks for %j', (header, language) => {
  expect(preferredLanguage(header)).toBe(language);
});

test('the language of a sign-up is kept with the person', async () => {
  const gatehouse = startGatehouse();
  const ada = person();
  await gatehouse.post('/signup', ada, { headers: { 'Accept-Language': 'pt-BR,pt;q=0.8' } });
  expect(await query('SELECT locale FROM users WHERE email = $1', [ada.email])).toEqual([
    { locale: 'pt-br' },
  ]);
});

test('a name that a stranger chose is not mailed to the address the stranger gave', async () => {
  const gatehouse = startGatehouse();
  const ada = { ...person(), name: 'You won! Go to evil.example' };
  await gatehouse.post('/signup', ada);
  const { html, text, subject } = await nextMessageTo(ada.email);
  expect(html + text + subject).not.toContain('evil.example');
});

test.each(['to', 'from', 'subject'])(
  'a line break in %s is refused and never reaches the provider',
  async (field) => {
    const to = `${crypto.randomUUID()}@example.com`;
    const letter = {
      ...{ to, from: 'Gatehouse <no-reply@gatehouse.example>', subject: 'Hello', html: 'x', text: 'x' },
      idempotencyKey: crypto.randomUUID(),
    };
    const injected = { ...letter, [field]: `${letter[field as 'to']}\r\nBcc: eve@example.com` };
    const delivery = await resendMailer(readJobsConfig(bindings)).send(injected);
    expect(delivery).toEqual({ result: 'refused', failure: 'control character in a header' });
    expect(await messagesTo(to)).toEqual([]);
  },
);

test.each(['MAIL_FROM', 'PRODUCT_NAME'])('a %s with a line break stops start-up', (name) => {
  expect(() => readJobsConfig({ ...bindings, [name]: 'Acme\nBcc: eve@example.com' })).toThrow(name);
});
