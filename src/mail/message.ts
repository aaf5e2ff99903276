/** A rendered message, and how a template is written: escaped values in one plain layout. */

/** What the provider is given. One recipient; subject and address never hold a line break. */
export type Message = { subject: string; html: string; text: string };

/** The sender's side of every template. */
export type Brand = { productName: string };

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (value: string): string =>
  value.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char);

/** A paragraph, a code to type, or a link to follow. */
export type Block = { paragraph: string } | { code: string } | { link: string; label: string };

export function render(brand: Brand, subject: string, blocks: Block[]): Message {
  return {
    subject,
    text: `${blocks.map(asText).join('\n\n')}\n\n${brand.productName}\n`,
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(subject)}</title>
</head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:480px;margin:0 auto">
${blocks.map(asHtml).join('\n')}
<p style="opacity:.7">${escapeHtml(brand.productName)}</p>
</div>
</body>
</html>`,
  };
}

function asText(block: Block): string {
  if ('paragraph' in block) return block.paragraph;
  return 'code' in block ? `    ${block.code}` : `${block.label}:\n${block.link}`;
}

function asHtml(block: Block): string {
  if ('paragraph' in block) return `<p>${escapeHtml(block.paragraph)}</p>`;
  if ('code' in block) {
    return `<p style="font-size:32px;font-weight:700;letter-spacing:6px">${escapeHtml(block.code)}</p>`;
  }
  return `<p><a href="${escapeHtml(block.link)}">${escapeHtml(block.label)}</a></p>`;
}
