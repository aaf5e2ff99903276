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

/** The colours of pages/look.css, by the names that they have there. */
const HEAD_STYLE = `
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page{background:#121211!important}
.card{background:#1a1a18!important;border-color:#33322e!important}
.text{color:#efede8!important}
.soft{color:#aeaaa0!important;border-color:#33322e!important}
.code{background:#232321!important;border-color:#33322e!important;color:#efede8!important}
.button{background:#4767dc!important;color:#ffffff!important}
}
@media (max-width:420px){.page{padding:12px!important}.card{padding:20px!important}.code{font-size:28px!important}}`;

/** `getHelp` is what the link to the support is called. */
export function render(sender: Sender, language: MailLanguage, getHelp: string, content: Content): Message {
  const { subject, heading = subject, preview, blocks } = content;
  return {
    subject,
    text: `${[heading, ...blocks.map(asText)].join('\n\n')}\n\n-- \n${footAsText(sender, getHelp)}\n`,
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
<body class="page" style="margin:0;padding:48px 24px;background:#f6f5f3">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${escapeHtml(preview)}${PADDING}</div>
<div class="card" role="article" style="box-sizing:border-box;max-width:512px;margin:0 auto;padding:32px;border:1px solid #e3e1dc;border-radius:12px;background:#ffffff;${FONT};font-size:16px;line-height:1.5">
<p class="soft" style="margin:0 0 16px;color:#5d5a53;font-weight:600">${escapeHtml(sender.productName)}</p>
<h1 class="text" style="margin:0 0 16px;color:#1c1b19;font-size:22px;line-height:1.3;font-weight:600">${escapeHtml(heading)}</h1>
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
      `<a class="soft" href="${escapeHtml(link)}" style="color:#5d5a53">${escapeHtml(label)}</a>`,
  );
  return links.length === 0
    ? ''
    : `\n<p class="soft" style="margin:16px auto 0;max-width:512px;color:#5d5a53;${FONT};font-size:13px;line-height:1.5;text-align:center">${links.join(' · ')}</p>`;
}

const TEXT = 'margin:0 0 16px;color:#1c1b19;overflow-wrap:anywhere';

function asHtml(block: Block): string {
  if ('paragraph' in block) return `<p class="text" style="${TEXT}">${escapeHtml(block.paragraph)}</p>`;
  // One text node without gaps: a double click selects the code and nothing else.
  if ('code' in block) {
    return `<p style="margin:0 0 16px"><span class="code" style="display:block;padding:12px 16px;border:1px solid #e3e1dc;border-radius:8px;background:#f1f0ed;color:#1c1b19;text-align:center;${MONO};font-size:34px;line-height:1.4;font-weight:600;letter-spacing:6px;user-select:all;-webkit-user-select:all">${escapeHtml(block.code)}</span></p>`;
  }
  if ('link' in block) {
    const link = escapeHtml(block.link);
    return `<p style="margin:0 0 16px"><a class="button" href="${link}" style="display:inline-block;padding:12px 20px;border-radius:8px;background:#2a4bc0;color:#ffffff;font-weight:600;text-decoration:none">${escapeHtml(block.label)}</a></p>`;
  }
  if ('facts' in block) {
    const rows = block.facts.map(
      ([name, value]) =>
        `<tr><th class="soft" scope="row" style="padding:4px 16px 4px 0;text-align:left;vertical-align:top;color:#5d5a53;font-weight:600;white-space:nowrap">${escapeHtml(name)}</th><td class="text" style="padding:4px 0;color:#1c1b19;overflow-wrap:anywhere">${escapeHtml(value)}</td></tr>`,
    );
    return `<table style="margin:0 0 16px;border-collapse:collapse">${rows.join('')}</table>`;
  }
  return `<p class="soft" style="margin:0;padding:16px 0 0;border-top:1px solid #e3e1dc;color:#5d5a53;font-size:14px;overflow-wrap:anywhere">${escapeHtml(block.note)}</p>`;
}
