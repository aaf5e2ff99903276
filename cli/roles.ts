/**
 * `roles`: creates or updates the database roles of the Workers from migrations/roles.sql, with the DATABASE_URL of
 * the owner. A new role gets a password. A password in use is replaced only on request, because its Worker is locked
 * out until its secret is set again. All of it is one transaction. After it the connection strings are printed once;
 * they are stored nowhere.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Client } from 'pg';
import { migrationsFolder } from '../tooling/paths.ts';
import { messageOf, UserError } from '../tooling/user-error.ts';
import { answer, type Output } from './command.ts';
import { connect } from './connection.ts';
import { readValues } from './keys.ts';

const WORKER_OF = { gatehouse_api: 'API', gatehouse_jobs: 'jobs', gatehouse_admin: 'admin' } as const;
type Role = keyof typeof WORKER_OF;
export const roles = Object.keys(WORKER_OF) as Role[];
export const passwordName = (role: Role) => `${role.toUpperCase()}_PASSWORD`;

/** Any number, as long as nothing else of ours uses it for a lock. */
const LOCK = 4_801_372_066;

/** Neon demands 60 bits of entropy; a generated password has 256. */
const SHORTEST_PASSWORD = 24;

type Options = { newPasswords?: true; passwordsFrom?: string };
type Made = { role: Role; worker: string; isNew: boolean; databaseUrl: string | null };

export function addRoles(program: Command): void {
  const command = program
    .command('roles')
    .description('create or update the database roles of the Workers, with the DATABASE_URL of the owner')
    .option('--new-passwords', 'replace the passwords in use')
    .option(
      '--passwords-from <file>',
      `set these: ${roles.map(passwordName).join(' and ')} lines; - is standard input`,
    );
  answer<Options>(command, async (output, options) => {
    if (options.newPasswords && options.passwordsFrom)
      output.refuse('say --new-passwords or --passwords-from');
    const given =
      options.passwordsFrom === undefined ? undefined : await readPasswords(options.passwordsFrom);
    const { DATABASE_URL: url = '' } = process.env;
    const client = await connect(url);
    const made = await applyRoles(client, url, options, given).finally(() => client.end());
    print(output, made);
    return made;
  });
}

export async function readPasswords(from: string): Promise<Record<Role, string>> {
  const values = await readValues(from);
  const passwords = roles.map((role) => [role, values[passwordName(role)] ?? ''] as const);
  for (const [role, password] of passwords) {
    if (password.length >= SHORTEST_PASSWORD) continue;
    throw new UserError(`${passwordName(role)} is missing or shorter than ${SHORTEST_PASSWORD} characters.`);
  }
  return Object.fromEntries(passwords) as Record<Role, string>;
}

export async function applyRoles(
  client: Client,
  url: string,
  { newPasswords }: Options,
  given: Record<Role, string> | undefined,
): Promise<Made[]> {
  const made = await inTransaction(client, async () => {
    const { rows } = await client.query('SELECT rolname FROM pg_roles WHERE rolname = ANY($1)', [roles]);
    const present = new Set(rows.map(({ rolname }) => rolname));
    await client.query(readFileSync(join(migrationsFolder, 'roles.sql'), 'utf8'));
    const settings = roles.map((role) => {
      const isNew = !present.has(role);
      const password = given?.[role] ?? (isNew || newPasswords ? makePassword() : undefined);
      return { role, isNew, password };
    });
    for (const { role, password } of settings) {
      if (password) await client.query(`ALTER ROLE ${role} PASSWORD ${client.escapeLiteral(password)}`);
    }
    return settings;
  });
  return made.map(({ role, isNew, password }) => ({
    role,
    worker: WORKER_OF[role],
    isNew,
    databaseUrl: password ? connectionString(url, role, password) : null,
  }));
}

export const makePassword = () => randomBytes(32).toString('base64url');

/**
 * One after the other: each checks whether a role is new and sets its password, after the one before has finished.
 */
async function inTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // The statement contains a password, so only the message of Postgres is shown.
    throw new UserError(`The roles were not made and nothing was changed: ${messageOf(error)}.`);
  }
}

/**
 * The connection string for a Worker. For a Neon project it is the pooled endpoint, which migrations must not use.
 */
export function connectionString(owner: string, role: Role, password: string): string {
  const url = new URL(owner);
  url.username = role;
  url.password = password;
  if (url.hostname.endsWith('.neon.tech')) url.hostname = url.hostname.replace('.', '-pooler.');
  return url.href;
}

function print(output: Output, made: Made[]): void {
  for (const { role, worker, isNew, databaseUrl } of made) {
    output.line(
      `${role}  ${isNew ? 'created' : 'updated'}, ${databaseUrl ? 'new password' : 'password as it was'}`,
    );
    if (databaseUrl) output.line(`  DATABASE_URL of the ${worker} Worker: ${databaseUrl}`);
  }
  if (made.some(({ databaseUrl }) => databaseUrl)) {
    output.note('These are shown once: put them into the secrets of the Workers, and into your vault.');
  }
}
