/**
 * `npm run settings`: writes the table of settings (src/config/settings.ts) into `.dev.vars.example` and
 * docs/operations.md. A test fails while they differ.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownSettings } from '../selfhost/own-settings.ts';
import type { Reader, Setting } from '../src/config/setting.ts';
import { constantCase, settingGroups } from '../src/config/settings.ts';
import { root } from '../tooling/paths.ts';

const WIDTH = 110;

/** Settings of `npm run dev` alone. */
const LOCAL_STACK = `# --- Local stack only ---

# Loopback ports of the API, of the mailbox and of the operators' door.
PORT=8787
MAILBOX_PORT=8025
ADMIN_PORT=8788
`;

const INTRODUCTION = `# All configuration of the Workers and of the local stack. You need not copy this file: \`npm run dev\` writes
# .dev.vars with fresh secrets, and every other name has the default shown here. To change one, add its line to
# .dev.vars, or set it in the environment of \`npm run dev\`, which wins. An empty value means the default.
# In production, \`wrangler secret put NAME\` sets the secrets and [vars] in each wrangler.toml the rest.
# This file is made by \`npm run settings\` from src/config/settings.ts.
`;

const readers: Record<Reader, string> = {
  api: 'API',
  jobs: 'jobs',
  admin: 'admin',
  both: 'API, jobs',
  all: 'all',
};

type Row = { name: string; setting: Setting<unknown, Reader> };

const groups: { title: string; rows: Row[] }[] = Object.entries(settingGroups).map(([title, group]) => ({
  title,
  rows: Object.entries(group).map(([name, setting]) => ({ name: constantCase(name), setting })),
}));

/** The content of `.dev.vars.example`. */
export function exampleFile(): string {
  const written = groups.map(({ title, rows }) =>
    [`# --- ${title} ---`, ...rows.map(exampleLines)].join('\n\n'),
  );
  return [INTRODUCTION, ...written, LOCAL_STACK].join('\n\n').replaceAll(/\n{3,}/g, '\n\n');
}

function exampleLines({ name, setting: { meaning, fallback = '', reader } }: Row): string {
  const value = /[\s#<]/.test(fallback) ? `"${fallback}"` : fallback;
  const whose = reader === 'all' ? '' : ` (${readers[reader]})`;
  return [...wrapped(meaning + whose), `${name}=${value}`].join('\n');
}

function wrapped(text: string): string[] {
  const lines = ['#'];
  for (const word of text.split(' ')) {
    if (`${lines.at(-1)} ${word}`.length > WIDTH) lines.push('#');
    lines.push(`${lines.pop()} ${word}`);
  }
  return lines;
}

/** The table of docs/operations.md. */
export function settingsTable(): string {
  const rows = groups.flatMap((group) => group.rows).map(tableRow);
  return ['| name | Worker | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function tableRow({ name, setting: { reader, fallback, isSecret, meaning } }: Row): string {
  const value = isSecret ? 'secret' : fallback ? `\`${fallback}\`` : 'none';
  return `| \`${name}\` | ${readers[reader]} | ${value} | ${meaning} |`;
}

const TABLE = /(<!-- settings: [^\n]*-->\n).*(<!-- \/settings -->)/s;

/** docs/operations.md with the table that it should have. */
export function withTable(operations: string): string {
  return operations.replace(
    TABLE,
    (_, start: string, end: string) => `${start}\n${settingsTable()}\n\n${end}`,
  );
}

/** docs/self-host.md with the table of its own settings. */
export function withOwnTable(page: string): string {
  const rows = Object.entries(ownSettings).map(([name, setting]) => ownRow(constantCase(name), setting));
  const table = ['| name | default | meaning |', '|---|---|---|', ...rows].join('\n');
  return page.replace(OWN_TABLE, (_, start: string, end: string) => `${start}\n${table}\n\n${end}`);
}

const ownRow = (name: string, { fallback, isSecret, meaning }: Setting<unknown, Reader>) =>
  `| \`${name}\` | ${isSecret ? 'secret' : fallback ? `\`${fallback}\`` : 'none'} | ${meaning} |`;

const OWN_TABLE = /(<!-- own settings: [^\n]*-->\n).*(<!-- \/own settings -->)/s;

if (import.meta.main) {
  const selfHost = join(root, 'docs/self-host.md');
  writeFileSync(selfHost, withOwnTable(readFileSync(selfHost, 'utf8')));
  const operations = join(root, 'docs/operations.md');
  writeFileSync(operations, withTable(readFileSync(operations, 'utf8')));
  writeFileSync(join(root, '.dev.vars.example'), exampleFile());
}
