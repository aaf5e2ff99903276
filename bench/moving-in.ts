/**
 * `npm run bench:import -- [people] [sources]`: how many rows a second an import takes into a local Postgres, and how much memory, for
 * a generated file in the shape of each system. PBKDF2 hashes cost one scrypt each, so of Keycloak's people it takes a
 * fiftieth.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { migratePostgres } from '../dev/migrate.ts';
import { keyKinds } from '../tooling/key-values.ts';
import { startPostgres } from '../tooling/postgres-server.ts';

const PEOPLE = Number(process.argv[2] ?? 100_000);
/** `auth0,csv`, or all of them. */
const SOURCES = process.argv[3]?.split(',');
const SLOW_SHARE = 50;
const POLL_MS = 50;

const base64 = (bytes: number) => randomBytes(bytes).toString('base64');
/** Letters that bcrypt's base64 has too. */
const letters = (count: number) => randomBytes(count).toString('hex').slice(0, count);
const bcrypt = () => `$2b$10$${letters(21)}.${letters(31)}`;
const email = (n: number) => `person-${n}@bench.example`;

type Shape = {
  formats: string;
  ending: string;
  start?: string;
  between?: string;
  end?: string;
  row(n: number): string;
};

const json = (row: object) => JSON.stringify(row);
const document = { ending: '.json', start: '{"users":[', between: ',', end: ']}' };

const shapes: Record<string, Shape> = {
  auth0: {
    formats: 'bcrypt:10',
    ending: '.ndjson',
    row: (n) =>
      `${json({ _id: { $oid: n.toString(16).padStart(24, '5') }, email: email(n), email_verified: n % 10 > 0, passwordHash: bcrypt(), tenant: 'x', connection: 'Username-Password-Authentication', _tmp_is_unique: true })}\n`,
  },
  supabase: {
    formats: 'bcrypt:10',
    ending: '.csv',
    start: 'id,email,encrypted_password,email_confirmed_at,created_at,banned_until,raw_user_meta_data\n',
    row: (n) =>
      `u${n},${email(n)},${bcrypt()},${n % 10 ? '2024-05-01 10:00:00+00' : ''},2024-05-01 09:00:00+00,,"{""name"": ""P ${n}""}"\n`,
  },
  firebase: {
    ...document,
    formats: 'firebase-scrypt:ln=14,r=8',
    row: (n) =>
      json({
        localId: `f${n}`,
        email: email(n),
        emailVerified: n % 10 > 0,
        passwordHash: base64(64),
        salt: base64(10),
        displayName: `P ${n}`,
        createdAt: '1714554000000',
        providerUserInfo: [],
      }),
  },
  clerk: {
    formats: 'bcrypt:10',
    ending: '.csv',
    start:
      'id,first_name,last_name,username,primary_email_address,verified_email_addresses,totp_secret,password_digest,password_hasher\n',
    row: (n) => `user_${n},P,${n},,${email(n)},${n % 10 ? email(n) : ''},,${bcrypt()},bcrypt\n`,
  },
  keycloak: {
    ...document,
    formats: 'pbkdf2-sha256:27500',
    row: (n) =>
      json({
        id: `k${n}`,
        createdTimestamp: 1698213817879,
        username: `p${n}`,
        email: email(n),
        enabled: true,
        emailVerified: n % 10 > 0,
        credentials: [
          {
            type: 'password',
            secretData: json({ value: base64(64), salt: base64(16) }),
            credentialData: json({ hashIterations: 27500, algorithm: 'pbkdf2-sha256' }),
          },
        ],
      }),
  },
  'better-auth': {
    formats: 'better-auth:ln=14,r=16,p=1',
    ending: '.ndjson',
    row: (n) =>
      `${json({ id: `b${n}`, email: email(n), emailVerified: n % 10 > 0, name: `P ${n}`, createdAt: '2025-02-03T04:05:06.000Z', password: `${letters(32)}:${letters(128)}` })}\n`,
  },
  csv: {
    formats: 'argon2id:m=19456,t=2,p=1',
    ending: '.csv',
    start: 'id,email,email_verified,name,locale,created_at,disabled,password_hash\n',
    row: (n) =>
      `c${n},${email(n)},${n % 10 > 0},P ${n},en,2024-01-02T03:04:05Z,,"$argon2id$v=19$m=19456,t=2,p=1$${base64(16)}$${base64(32)}"\n`,
  },
};

async function write(
  path: string,
  count: number,
  { start = '', between = '', end = '', row }: Shape,
): Promise<void> {
  async function* parts() {
    yield start;
    for (let n = 1; n <= count; n++) yield (n > 1 ? between : '') + row(n);
    yield end;
  }
  await pipeline(Readable.from(parts()), createWriteStream(path));
}

/** The most memory that a process has held, in MiB, while it runs. */
function peakOf(pid: number): number {
  try {
    const [, kib = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kib) / 1_024;
  } catch {
    return 0;
  }
}

async function measure(
  source: string,
  shape: Shape,
  folder: string,
  server: string,
  keys: string,
): Promise<string> {
  const count = source === 'keycloak' ? Math.ceil(PEOPLE / SLOW_SHARE) : PEOPLE;
  const path = join(folder, source + shape.ending);
  await write(path, count, shape);
  const words = ['import', path, '--from', source, '--formats', shape.formats, '--out', folder, '--json'];
  if (source === 'firebase') words.push('--hash-config', keys);
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: server,
    IMPORT_PEPPERS: keyKinds.IMPORT_PEPPERS.make(),
  };
  const started = performance.now();
  const child = spawn(process.execPath, ['cli/main.ts', ...words], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid ?? 0));
  }, POLL_MS);
  const [[status], said] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
  clearInterval(watch);
  if (status !== 0) throw new Error(`the import of ${source} ended with ${status}: ${said}`);
  const seconds = (performance.now() - started) / 1_000;
  const mib = statSync(path).size / 1_024 / 1_024;
  rmSync(path);
  return `| ${source} | ${count} | ${mib.toFixed(0)} MiB | ${seconds.toFixed(1)} s | ${Math.round(count / seconds)} | ${peak.toFixed(0)} MiB |`;
}

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-moving-in-'));
const postgres = await startPostgres();
try {
  const keys = join(folder, 'keys.json');
  await pipeline(
    Readable.from([
      json({ base64_signer_key: base64(64), base64_salt_separator: 'Bw==', rounds: 8, mem_cost: 14 }),
    ]),
    createWriteStream(keys),
  );
  console.log('| source | people | file | time | rows a second | peak memory |\n|---|---|---|---|---|---|');
  for (const [source, shape] of Object.entries(shapes)) {
    if (SOURCES && !SOURCES.includes(source)) continue;
    // Every source has the same addresses: each gets a database of its own.
    const name = `moving_${source.replace('-', '_')}`;
    const client = new Client({ connectionString: postgres.connectionString });
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
    const server = new URL(`/${name}`, postgres.connectionString).href;
    await migratePostgres(server, false);
    console.log(await measure(source, shape, folder, server, keys));
  }
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true });
}
