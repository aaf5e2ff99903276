/**
 * `mail preview`: writes every mail in every language, with sample data, to dist/mail-preview, as HTML and as text. An
 * index shows each one in the widths and colours of mail programs. PRODUCT_NAME, APP_URL and SUPPORT_URL are taken from
 * the environment.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mailLanguages } from '../src/config/settings/mail.ts';
import { write } from '../src/mail/compose.ts';
import { escapeHtml } from '../src/mail/layout.ts';
import type { Message } from '../src/mail/message.ts';
import { root } from '../tooling/paths.ts';
import type { Output } from './command.ts';
import { samples } from './mail-samples.ts';

const folder = join(root, 'dist/mail-preview');

function renderSamples(): { name: string; message: Message }[] {
  const { PRODUCT_NAME, APP_URL, SUPPORT_URL } = process.env;
  const sender = {
    productName: PRODUCT_NAME || 'Gatehouse',
    linkBaseUrl: 'http://localhost:8787',
    appUrl: APP_URL || 'https://app.example.com',
    supportUrl: SUPPORT_URL || 'mailto:help@example.com',
  };
  return samples.flatMap(({ name, sample }) =>
    mailLanguages.map((mailLanguage) => ({
      name: `${name}.${mailLanguage}`,
      message: sample((template, values) =>
        write({ locale: mailLanguage }, { ...sender, mailLanguage }, template, values),
      ),
    })),
  );
}

export function writePreview(output: Output): { mails: number; index: string } {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const mails = renderSamples();
  for (const { name, message } of mails) {
    writeFileSync(join(folder, `${name}.html`), message.html);
    writeFileSync(join(folder, `${name}.txt`), `Subject: ${message.subject}\n\n${message.text}`);
  }
  writeFileSync(join(folder, 'index.html'), indexOf(mails));
  const index = join(folder, 'index.html');
  output.line(`${mails.length} mails: open ${index}`);
  return { mails: mails.length, index };
}

const indexOf = (mails: { name: string; message: Message }[]) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Mails</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem}iframe{height:620px;border:1px solid gray;vertical-align:top}</style>
</head><body><h1>Mails</h1>
${mails
  .map(
    ({
      name,
      message,
    }) => `<h2>${name}</h2><p>${escapeHtml(message.subject)} · <a href="${name}.txt">text</a></p>
<iframe src="${name}.html" width="320" style="color-scheme:light"></iframe>
<iframe src="${name}.html" width="600" style="color-scheme:dark"></iframe>`,
  )
  .join('\n')}
</body></html>`;
