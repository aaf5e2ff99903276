/** What holds for every mail, whatever its words. */
import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { samples } from '../../cli/mail-samples.ts';
import { readJobsConfig } from '../../src/config/read.ts';
import { type MailLanguage, mailLanguages } from '../../src/config/settings/mail.ts';
import { preferredLanguage } from '../../src/lib/locale.ts';
import { write } from '../../src/mail/compose.ts';
import { alreadyRegistered, newDevice } from '../../src/mail/templates/notices.ts';
import { resetPassword } from '../../src/mail/templates/reset-password.ts';
import { resendMailer } from '../../src/ports/mailer.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { person } from '../support/person.ts';

const bindings = env as unknown as Record<string, string>;
const sender = {
  productName: 'Acme <Inc>',
  linkBaseUrl: 'http://localhost:8787',
  appUrl: 'https://app.acme.example/',
  supportUrl: 'mailto:help@acme.example',
  mailLanguage: 'en' as MailLanguage,
};
const QUOTES = `Ada "Dot" O'Neil & <b>\r\nBcc: eve@example.com`;
const WITH_SECRET_LINK =
  /^(verify-email|verify-email-late|reset-password|change-email-notice|email-changed-old|deletion-requested-old)$/;
const ABOUT_A_LOGIN =
  /^(new-device|suspicious-success|refresh-token-reused|password-changed|mfa-.*|recovery-.*|passkey-.*)$/;

const all = mailLanguages.flatMap((language) =>
  samples.map(({ name, sample }) => {
    const writtenBy = (by: typeof sender | Unset) =>
      sample((template, values) => write({ locale: language }, by, template, values));
    return { language, name, writtenBy };
  }),
);
type Unset = Omit<typeof sender, 'appUrl' | 'supportUrl'> & { appUrl: undefined; supportUrl: undefined };

const linksOf = (html: string) => [...html.matchAll(/href="([^"]*)"/g)].map(([, link = '']) => link);
const times = (text: string, part: string) => text.split(part).length - 1;

describe.each(all)('$name in $language', ({ language, name, writtenBy }) => {
  const message = writtenBy(sender);

  test('names the product in both parts, its language, and has a subject of one short line', () => {
    expect(message.text).toContain('Acme <Inc>');
    expect(message.html).toContain('Acme &lt;Inc&gt;');
    expect(message.html).toContain(`<html lang="${language}"`);
    expect(message.subject).toMatch(/^[^\r\n]{10,77}$/);
  });

  test('has a value for each of its gaps, and escapes what people wrote', () => {
    for (const part of Object.values(message)) expect(part).not.toMatch(/undefined|null|NaN|\[object|[{$]\{/);
    expect(message.html).not.toMatch(/<b>|<Inc>/);
  });

  test('loads nothing, follows nobody, and links to configured places only', () => {
    expect(message.html).not.toMatch(/<img|<link|<script|<iframe|src=|url\(|@import|background=/i);
    for (const link of linksOf(message.html))
      expect(link).toMatch(
        /^(http:\/\/localhost:8787\/([a-z-]+#token=[\w-]+|was-this-you)|https:\/\/app\.acme\.example\/|mailto:help@acme\.example)$/,
      );
    for (const link of linksOf(message.html)) expect(message.text).toContain(link.replace('mailto:', ''));
  });

  test('has its secret once in each part: the link where it can be pressed, the code where it can be taken', () => {
    const links = WITH_SECRET_LINK.test(name) ? 1 : 0;
    expect([times(message.html, '#token='), times(message.text, '#token=')]).toEqual([links, links]);
    const [code] = /\b\d{6}\b/.exec(message.subject) ?? [];
    if (code === undefined) return;
    expect([times(message.html, `>${code}</span>`), times(message.text, code)]).toEqual([1, 1]);
    expect(/<div style="display:none[^>]*>([^<]*)/.exec(message.html)?.[1]).toContain(code);
  });

  test('is whole without an app and a support: it then leads to what it is about, and to nothing else', () => {
    const { html, text } = writtenBy({ ...sender, appUrl: undefined, supportUrl: undefined });
    const links = WITH_SECRET_LINK.test(name) || ABOUT_A_LOGIN.test(name) ? 1 : 0;
    expect(linksOf(html)).toHaveLength(links);
    expect(html + text).not.toMatch(/undefined|acme\.example/);
    expect(text.endsWith('\n\n-- \nAcme <Inc>\n')).toBe(true);
  });

  test('leads to the product and to help in its foot, and in its button when it has no other', () => {
    expect(linksOf(message.html).slice(-2)).toEqual([
      'https://app.acme.example/',
      'mailto:help@acme.example',
    ]);
    expect(message.text).toMatch(
      /-- \nAcme <Inc>\nhttps:\/\/app\.acme\.example\/\n\S.*: help@acme\.example\n$/,
    );
    if (/^(change-email-code|enrol-code|deletion-requested)$/.test(name)) return;
    expect(times(message.html, 'class="button"')).toBe(1);
  });

  test('when it is about a login, leads to "was this you?" by a link that says nothing about whose mail it is', () => {
    const leads = linksOf(message.html).filter((link) => link === 'http://localhost:8787/was-this-you');
    expect(leads).toHaveLength(ABOUT_A_LOGIN.test(name) ? 1 : 0);
  });

  test('is made for light and dark and for narrow screens', () => {
    expect(message.html).toContain('<meta name="color-scheme" content="light dark">');
    expect(message.html).toContain('prefers-color-scheme:dark');
    expect(message.html).not.toMatch(/[^-]width:\s*[3-9]\d\dpx/);
  });
});

test('a language has no sentence of another one', () => {
  const sentencesIn = (wanted: MailLanguage) =>
    all
      .filter(({ language }) => language === wanted)
      .flatMap(({ writtenBy }) => writtenBy(sender).text.split('\n'))
      .filter((line) => line.trim().split(' ').length > 3 && !line.includes('://'));
  const [first, second] = mailLanguages.map((language) => new Set(sentencesIn(language)));
  expect(first?.size).toBeGreaterThan(30);
  expect([...(first ?? [])].filter((line) => second?.has(line))).toEqual([]);
});

test.each([
  ['en', 'When: 2 March 2026 at 09:05 UTC', 'for 1 minute after'],
  ['de', 'Wann: 2. März 2026 um 09:05 UTC', 'bis 1 Minute nach'],
])('moments and amounts are written as in "%s"', (locale, moment, amount) => {
  const event = { at: new Date('2026-03-02T09:05:00Z'), client: null, userAgent: null };
  const { text } = write({ locale }, sender, resetPassword, { link: 'x', minutes: 1, event });
  expect(text).toContain(moment);
  expect(text).toContain(amount);
});

test('what people wrote can end no attribute, no tag and no header, and is text as they wrote it', () => {
  const event = { at: new Date(0), client: QUOTES, userAgent: QUOTES };
  const message = write({ locale: 'en' }, { ...sender, productName: 'O"Neil' }, newDevice, { event });
  expect(message.html).toContain('Ada &quot;Dot&quot; O&#39;Neil &amp; &lt;b&gt;');
  expect(message.html).toContain('O&quot;Neil');
  expect(message.html).not.toMatch(/"Dot"|O'Neil|O"Neil/);
  expect(message.text).toContain(QUOTES);
  expect(message.subject).not.toMatch(/[\r\n]/);
});

test.each([
  ['de', 'en', 'de'],
  ['de-ch', 'en', 'de'],
  ['en-us', 'de', 'en'],
  ['fr', 'en', 'en'],
  ['fr', 'de', 'de'],
  ['und', 'de', 'de'],
  ['constructor', 'de', 'de'],
  ['', 'de', 'de'],
] as const)(
  'a person whose locale is "%s", where "%s" is configured, is written to in "%s"',
  (locale, mailLanguage, language) => {
    const { html, subject } = write({ locale }, { ...sender, mailLanguage }, alreadyRegistered, {});
    expect(html).toContain(`<html lang="${language}"`);
    expect(subject).toMatch(language === 'de' ? /^Sie haben/ : /^You already/);
  },
);

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

test('whoever asked for no language is mailed in the configured one', async () => {
  const ada = person();
  await startGatehouse().post('/signup', ada);
  expect(await query('SELECT locale FROM users WHERE email = $1', [ada.email])).toEqual([{ locale: 'und' }]);
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
