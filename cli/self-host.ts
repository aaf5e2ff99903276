/**
 * `self-host init FOLDER` writes the settings and secrets of a new service outside of Cloudflare; `self-host prepare`
 * migrates its database and sets the passwords of its roles, each time before it starts. docs/self-host.md.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Command } from 'commander';
import { keyKinds } from '../tooling/key-values.ts';
import { readMigrations, up } from '../tooling/migrations.ts';
import { migrationsFolder } from '../tooling/paths.ts';
import { UserError } from '../tooling/user-error.ts';
import { answer } from './command.ts';
import { connect } from './connection.ts';
import { readValues } from './keys.ts';
import { applyRoles, connectionString, makePassword, passwordName, readPasswords, roles } from './roles.ts';

type Wanted = { issuer: string; audience: string; mailFrom: string; database: string; redis: string };

const OWNER = 'gatehouse_owner';

export function addSelfHost(program: Command): void {
  const selfHost = program.command('self-host').description('a service outside of Cloudflare');
  const init = selfHost
    .command('init')
    .description('write new settings and secrets into a folder that has none')
    .argument('<folder>', 'such as secrets')
    .requiredOption('--issuer <url>', 'the public origin of the service, such as https://auth.your-domain')
    .requiredOption('--audience <text>', '`aud` of access tokens, such as https://api.your-domain')
    .requiredOption('--mail-from <sender>', 'such as "Product <no-reply@your-domain>"')
    .option('--database <host>', 'host, port and name of the database', 'postgres:5432/gatehouse')
    .option('--redis <url>', 'the Redis', 'redis://redis:6379');
  answer<Wanted, [string]>(init, async (output, wanted, folder) => {
    const files = filesFor(wanted);
    for (const name of Object.keys(files))
      if (existsSync(join(folder, name)))
        throw new UserError(`${join(folder, name)} is there already: nothing was written.`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // The user of the image must be able to read them; nobody else may enter the folder.
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(folder, name), text, { mode: 0o644 });
    output.line(`Written to ${folder}: ${Object.keys(files).join(', ')}. Keep a copy in your vault.`);
    output.line('Next: add RESEND_API_KEY, or SMTP_URL, to gatehouse.env.');
    return { folder, files: Object.keys(files) };
  });

  const prepare = selfHost
    .command('prepare')
    .description('migrate the database and set the passwords of its roles, both from SETTINGS_FILE');
  answer(prepare, async (output) => {
    const { SETTINGS_FILE: file = '' } = process.env;
    if (file === '')
      throw new UserError('Set SETTINGS_FILE to the file of the owner that `self-host init` has written.');
    const { DATABASE_URL: url = '' } = await readValues(file);
    const client = await connect(url);
    try {
      const applied = await up(client, readMigrations(migrationsFolder));
      await applyRoles(client, url, {}, await readPasswords(file));
      // Without the passwords: a container logs what this prints.
      output.line(
        `The database is prepared: ${applied.length} migrations applied, ${roles.length} roles set.`,
      );
      return { applied };
    } finally {
      await client.end();
    }
  });
}

function filesFor({ issuer, audience, mailFrom, database, redis }: Wanted): Record<string, string> {
  const owner = `postgresql://${OWNER}:${makePassword()}@${database}`;
  const passwords = Object.fromEntries(roles.map((role) => [role, makePassword()] as const));
  const urlOf = (role: (typeof roles)[number]) => connectionString(owner, role, passwords[role] ?? '');
  const optional = ['IMPORT_PEPPERS', 'BACKEND_KEYS'];
  const keys = Object.entries(keyKinds).flatMap(([name, { make }]) =>
    optional.includes(name) ? [] : [[name, make()]],
  );
  return {
    'gatehouse.env': linesOf({
      ENVIRONMENT: 'production',
      ISSUER: issuer,
      LINK_BASE_URL: issuer,
      AUDIENCE: audience,
      MAIL_FROM: mailFrom,
      DATABASE_URL: urlOf('gatehouse_api'),
      JOBS_DATABASE_URL: urlOf('gatehouse_jobs'),
      REDIS_URL: redis,
      RESEND_WEBHOOK_SECRET: 'off',
      ...Object.fromEntries(keys),
    }),
    'owner.env': linesOf({
      DATABASE_URL: owner,
      ...Object.fromEntries(roles.map((role) => [passwordName(role), passwords[role] ?? ''])),
    }),
    'postgres-password': new URL(owner).password,
  };
}

/** As `parseEnv` reads them back. */
function linesOf(values: Record<string, string>): string {
  const text = Object.entries(values)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');
  const wrong = Object.entries(parseEnv(text)).find(([name, value]) => values[name] !== value);
  if (wrong) throw new UserError(`${wrong[0]} has a character that the file cannot hold.`);
  return text;
}
