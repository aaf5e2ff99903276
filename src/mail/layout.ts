/**
 * The layout of every mail: light and dark, from 320 px width up, without images, tracking or anything that must be
 * loaded. Styles are inline, since mail programs drop others; only media queries are in the head. Values are escaped
 * here and nowhere else.
 */
import type { MailLanguage } from '../config/settings/mail.ts';
import type { Block, Content, Message, Sender } from './message.ts';

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (value: string): string =>
  value.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char);

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const MONO = 'font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace';

const HEAD_STYLE = `
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page{background:#16181d!important}
.card{background:#1f232b!important;border-color:#363c48!important}
.text{color:#e8eaee!important}
.soft{color:#a8b0bd!important}
.code{background:#2a303b!important;border-color:#465062!important;color:#fff!important}
.button{background:#8ab4ff!important;color:#0b1a33!important}
.link{color:#8ab4ff!important}
}
@media (max-width:420px){.page{padding:12px!important}.card{padding:20px!important}.code{font-size:28px!important}}`;

/** `getHelp` is what the link to the support is called. */
export function render(sender: Sender, language: MailLanguage, getHelp: string, content: Content): Message {
  const { subject, preview, blocks } = content;
  return {
    subject,
    text: `${blocks.map(asText).join('\n\n')}\n\n-- \n${footAsText(sender, getHelp)}\n`,
    html: `<!doctype html>
<html lang="${language}" dir="auto">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<title>${escapeHtml(subject)}</title>
<style>${HEAD_STYLE}</style>
</head>
<body class="page" style="margin:0;padding:24px;background:#f3f4f6">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${escapeHtml(preview)}${PADDING}</div>
<div class="card" role="article" style="max-width:512px;margin:0 auto;padding:32px;border:1px solid #d9dce2;border-radius:12px;background:#ffffff;${FONT};font-size:16px;line-height:1.5">
<p class="soft" style="margin:0 0 24px;color:#5a6372;font-weight:600">${escapeHtml(sender.productName)}</p>
${blocks.map(asHtml).join('\n')}
</div>${footAsHtml(sender, getHelp)}
</body>
</html>
`,
  };
}

/** Keeps a mail program from adding the greeting to the preview text. */
const PADDING = '&#8199;&#65279;&#847; '.repeat(40).trimEnd();

function asText(block: Block): string {
  if ('paragraph' in block) return block.paragraph;
  if ('code' in block) return `    ${block.code}`;
  if ('link' in block) return `${block.label}:\n${shown(block.link)}`;
  if ('facts' in block) return block.facts.map(([name, value]) => `${name}: ${value}`).join('\n');
  return block.note;
}

/** An address is shown as people write it. */
const shown = (link: string) => link.replace(/^mailto:/, '');

const footAsText = ({ productName, appUrl, supportUrl }: Sender, getHelp: string): string =>
  [
    productName,
    ...(appUrl ? [appUrl] : []),
    ...(supportUrl ? [`${getHelp}: ${shown(supportUrl)}`] : []),
  ].join('\n');

/** Nothing when there is nowhere to go: the name already stands above. */
function footAsHtml({ productName, appUrl, supportUrl }: Sender, getHelp: string): string {
  const links = [
    ...(appUrl ? [[productName, appUrl] as const] : []),
    ...(supportUrl ? [[getHelp, supportUrl] as const] : []),
  ].map(
    ([label, link]) =>
      `<a class="soft" href="${escapeHtml(link)}" style="color:#5a6372">${escapeHtml(label)}</a>`,
  );
  return links.length === 0
    ? ''
    : `\n<p class="soft" style="margin:16px auto 0;max-width:512px;color:#5a6372;${FONT};font-size:13px;line-height:1.5;text-align:center">${links.join(' · ')}</p>`;
}

const TEXT = 'margin:0 0 16px;color:#1b2330;overflow-wrap:anywhere';

function asHtml(block: Block): string {
  if ('paragraph' in block) return `<p class="text" style="${TEXT}">${escapeHtml(block.paragraph)}</p>`;
  // One text node without gaps: a double click selects the code and nothing else.
  if ('code' in block) {
    return `<p style="margin:8px 0 24px;text-align:center"><span class="code" style="display:inline-block;padding:12px 24px;border:1px solid #c9d2e0;border-radius:8px;background:#eef3fb;color:#111827;${MONO};font-size:34px;line-height:1.2;font-weight:700;letter-spacing:4px;user-select:all;-webkit-user-select:all">${escapeHtml(block.code)}</span></p>`;
  }
  if ('link' in block) {
    const link = escapeHtml(block.link);
    return `<p style="margin:8px 0 24px"><a class="button" href="${link}" style="display:inline-block;padding:12px 20px;border-radius:8px;background:#1d4ed8;color:#ffffff;font-weight:600;text-decoration:none">${escapeHtml(block.label)}</a></p>`;
  }
  if ('facts' in block) {
    const rows = block.facts.map(
      ([name, value]) =>
        `<tr><th class="soft" scope="row" style="padding:4px 16px 4px 0;text-align:left;vertical-align:top;color:#5a6372;font-weight:600;white-space:nowrap">${escapeHtml(name)}</th><td class="text" style="padding:4px 0;color:#1b2330;overflow-wrap:anywhere">${escapeHtml(value)}</td></tr>`,
    );
    return `<table style="margin:0 0 16px;border-collapse:collapse">${rows.join('')}</table>`;
  }
  return `<p class="soft" style="margin:0 0 12px;color:#5a6372;font-size:14px;overflow-wrap:anywhere">${escapeHtml(block.note)}</p>`;
}
