/** `import`, in process against a database of its own: what comes along, what is refused, and that nothing is done twice. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createProgram } from '../../cli/program.ts';
import { parseKeyRing } from '../../src/lib/key-ring.ts';
import { open } from '../../src/lib/sealed.ts';
import { keyKinds } from '../../tooling/key-values.ts';
import { FOREIGN_FILES, TOTP_SECRET } from '../support/exports-of-others.ts';
import { FIREBASE, SAMPLES } from '../support/foreign-hashes.ts';
import { type OwnDatabase, ownDatabase } from '../support/own-database.ts';

const [IMPORT_PEPPERS, FACTOR_SECRETS] = [keyKinds.IMPORT_PEPPERS.make(), keyKinds.FACTOR_SECRETS.make()];
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-import-'));
let database: OwnDatabase;
let client: Client;

beforeAll(async () => {
  database = await ownDatabase();
  client = await database.open();
  const { NEON_HTTP_URL } = inject('env');
  Object.assign(process.env, { DATABASE_URL: database.url, NEON_HTTP_URL, IMPORT_PEPPERS });
});
afterAll(async () => {
  for (const name of ['DATABASE_URL', 'NEON_HTTP_URL', 'IMPORT_PEPPERS', 'FACTOR_SECRETS'])
    delete process.env[name];
  rmSync(folder, { recursive: true });
  await database.drop();
});

let files = 0;
function fileOf(text: string | Buffer, ending = '.csv'): string {
  files += 1;
  const path = join(folder, `file-${files}${ending}`);
  writeFileSync(path, text);
  return path;
}

type Result = {
  runId: string;
  rows: number;
  counts: Record<string, number>;
  ids: string;
  rejects: string;
  removed: number;
  left: number;
  records: { format: string; people: number; waiting: number }[];
};

/** The command in this process; its JSON. */
async function run(...words: string[]): Promise<Result> {
  const said: string[] = [];
  const { log, error } = console;
  console.log = (text: string) => said.push(text);
  console.error = () => {};
  try {
    await (await createProgram('import')).parseAsync([
      'node',
      'cli',
      'import',
      ...words,
      '--out',
      folder,
      '--json',
    ]);
  } finally {
    Object.assign(console, { log, error });
  }
  return JSON.parse(said.at(-1) ?? '') as Result;
}

const people = async (source: string) =>
  (
    await client.query(
      `SELECT *, created_at < now() - interval '1 hour' AS is_old, pending_expires_at - now() > interval '89 days' AS is_long
       FROM users WHERE external_source = $1 ORDER BY email`,
      [source],
    )
  ).rows;

const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

const addresses = (name: string) => ({
  ada: `ada@${name}.example`,
  bob: `bob@${name}.example`,
  carol: `carol@${name}.example`,
});
const keys = fileOf(
  JSON.stringify({
    algorithm: 'SCRYPT',
    base64_signer_key: FIREBASE.keys.signerKey,
    base64_salt_separator: FIREBASE.keys.separator,
    rounds: 8,
    mem_cost: 14,
  }),
  '.json',
);
const bcrypt = SAMPLES[0]?.hash ?? '';

test.each(FOREIGN_FILES)(
  '$source: address, proof, name, age and state come along; a second time nothing happens',
  async (file) => {
    const { source, formats, ending, text } = file;
    const path = fileOf(text(addresses(source)), ending);
    const words = [
      path,
      '--from',
      source,
      '--formats',
      formats,
      ...(source === 'firebase' ? ['--hash-config', keys] : []),
    ];
    const dry = await run(...words, '--dry-run');
    expect(await people(source)).toEqual([]);
    const done = await run(...words);
    expect(done).toMatchObject({ rows: 3, counts: { imported: 2, pending: 1 } });
    expect(dry).toEqual({ runId: null, rows: 3, counts: done.counts });
    const [ada, bob, carol] = await people(source);
    const formatted = expect.stringContaining(`$imported$${formats},l=`);
    expect(ada).toMatchObject({
      email: `ada@${source}.example`,
      password_hash: formatted,
      disabled_at: null,
    });
    expect(ada.is_old).toBe(source !== 'clerk');
    expect(ada.name).toMatch(/^Ada/);
    expect(ada.email_verified_at).not.toBeNull();
    expect(bob).toMatchObject({ email_verified_at: null, is_long: true, password_hash: formatted });
    expect(carol).toMatchObject({ disabled_by: 'import' });
    const ids = [ada, bob, carol].map(({ external_id: externalId, id: sub }) => ({ externalId, sub }));
    expect(linesOf(done.ids)).toEqual(expect.arrayContaining(ids));
    expect(linesOf(done.ids).length).toBe(3);
    expect(linesOf(done.rejects)).toEqual([]);

    expect((await run(...words)).counts).toEqual({ already_imported: 3 });
    expect(await people(source)).toEqual([ada, bob, carol]);
  },
);

const HEAD = 'id,email,email_verified,name,locale,created_at,disabled,password_hash,totp_secret';
const csvOf = (...rows: string[]) => fileOf(`${[HEAD, ...rows].join('\n')}\n`);
const personRow = (
  id: string,
  { email = `${id}@rows.example`, isProven = true, hash = bcrypt, totp = '' } = {},
) => `${id},${email},${isProven},,,,,"${hash}",${totp}`;
const FORMATS = ['--from', 'csv', '--formats', 'bcrypt:5'];

test('what is no person is refused row by row, named by its number, and the rest comes along', async () => {
  const [, , , argon2] = SAMPLES;
  const path = csvOf(
    personRow('good'),
    personRow(''),
    personRow('no-address', { email: '' }),
    personRow('bad-address', { email: 'kelvin\u212a@rows.example' }),
    personRow('md5', { hash: '5f4dcc3b5aa765d61d8327deb882cf99' }),
    personRow('dear', { hash: bcrypt.replace('$05$', '$14$') }),
    personRow('other', { hash: argon2?.hash ?? '' }),
    personRow('no-password', { hash: '' }),
    personRow('nobody', { hash: '', isProven: false }),
    personRow('good', { email: 'again@rows.example' }),
    personRow('twin', { email: 'GOOD@rows.example' }),
    personRow('short', { totp: 'GEZDGNBV' }),
    'cut-off,cut@rows.example',
  );
  const done = await run(path, ...FORMATS);
  expect(done.counts).toEqual({
    imported: 1,
    without_password: 1,
    'rejected: no_id': 1,
    'rejected: no_address': 1,
    'rejected: bad_address': 1,
    'rejected: unknown_hash': 1,
    'rejected: unrunnable_hash bcrypt:14': 1,
    'rejected: unlisted_hash argon2id:m=32,t=2,p=4': 1,
    'rejected: unproven_without_password': 2,
    'rejected: duplicate_id': 1,
    'rejected: duplicate_address': 1,
    'rejected: bad_totp_secret': 1,
  });
  const rejects = linesOf(done.rejects);
  expect(rejects.map(({ row }) => row)).toEqual([2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13]);
  expect(rejects[3]).toEqual({ row: 5, externalId: 'md5', reason: 'unknown_hash' });
  expect(readFileSync(done.rejects, 'utf8')).not.toContain('@');

  // Whoever is proven may come without a password instead.
  const others = await run(path, ...FORMATS, '--reset-others');
  expect(others.counts).toMatchObject({ already_imported: 2, without_password: 3 });
  expect(others.counts).not.toHaveProperty('rejected: unknown_hash');
});

test('a dry run counts what the run then does, however far apart two rows of one person are', async () => {
  const far = (id: string) => ({ email: `${id}@apart.example` });
  const between = (from: number) =>
    Array.from({ length: 500 }, (_, n) => personRow(`apart-${from + n}`, far(`apart-${from + n}`)));
  const path = csvOf(
    personRow('apart-ada', far('ada')),
    personRow('apart-bob', { ...far('bob'), isProven: false }),
    personRow('apart-eve', { ...far('eve'), isProven: false }),
    ...between(0),
    // The same id, the same address twice, and a sign-up that waits for the same.
    personRow('apart-ada', far('somebody')),
    personRow('apart-ada-2', far('ada')),
    personRow('apart-ada-3', { ...far('ada'), isProven: false }),
    personRow('apart-bob-2', { ...far('bob'), isProven: false }),
    // Proof outweighs a sign-up that has none.
    personRow('apart-eve-2', far('eve')),
    ...between(500),
    personRow('apart-eve-3', far('eve')),
  );
  const counts = {
    imported: 1_002,
    pending: 2,
    already_imported: 1,
    'rejected: address_taken': 3,
    'rejected: duplicate_address': 1,
  };
  expect((await run(path, ...FORMATS, '--dry-run')).counts).toEqual(counts);
  expect((await run(path, ...FORMATS)).counts).toEqual(counts);
});

test('an address that has an account is left alone; proof outweighs an imported sign-up that has none', async () => {
  await client.query(
    `INSERT INTO users (id, email, name, password_hash, password_changed_at, email_verified_at, created_at)
     VALUES (gen_random_uuid(), 'owner@taken.example', 'Owner', 'theirs', now(), now(), now())`,
  );
  const first = await run(
    csvOf(
      personRow('thief', { email: 'owner@taken.example' }),
      personRow('squatter', { email: 'ada@taken.example', isProven: false }),
      personRow('late', { email: 'bob@taken.example' }),
    ),
    ...FORMATS,
  );
  expect(first.counts).toEqual({ imported: 1, pending: 1, 'rejected: address_taken': 1 });
  const second = await run(
    csvOf(
      personRow('ada', { email: 'ada@taken.example' }),
      personRow('squatter2', { email: 'bob@taken.example', isProven: false }),
    ),
    ...FORMATS,
  );
  expect(second.counts).toEqual({ imported: 1, 'rejected: address_taken': 1 });
  const { rows } = await client.query(
    `SELECT email, external_id, password_hash = 'theirs' AS is_theirs, email_verified_at IS NOT NULL AS is_proven FROM users
     WHERE email LIKE '%@taken.example' ORDER BY email`,
  );
  expect(rows).toEqual([
    { email: 'ada@taken.example', external_id: 'ada', is_theirs: false, is_proven: true },
    { email: 'bob@taken.example', external_id: 'late', is_theirs: false, is_proven: true },
    { email: 'owner@taken.example', external_id: null, is_theirs: true, is_proven: true },
  ]);
});

test('a secret of an authenticator app comes along sealed, or its person does not', async () => {
  const path = csvOf(personRow('app', { totp: TOTP_SECRET }));
  expect((await run(path, ...FORMATS)).counts).toEqual({ 'rejected: no_factor_secrets': 1 });
  process.env.FACTOR_SECRETS = FACTOR_SECRETS;
  expect((await run(path, ...FORMATS)).counts).toEqual({ imported: 1 });
  const { rows } = await client.query(
    `SELECT u.id, f.sealed, f.key_id FROM totp_factors f JOIN users u ON u.id = f.user_id WHERE u.external_id = 'app'`,
  );
  const [{ id, sealed, key_id: keyId }] = rows;
  const opened = await open(
    parseKeyRing(FACTOR_SECRETS),
    { keyId, bytes: new Uint8Array(sealed) },
    { purpose: 'totp', owner: id },
  );
  expect(Buffer.from(opened ?? []).toString()).toBe('12345678901234567890');
});

test('undo removes whom nobody used since, says whom it leaves, and a run that is undone is not resumed', async () => {
  const { runId } = await run(
    csvOf(personRow('used'), personRow('guessed'), personRow('waiting', { isProven: false })),
    ...FORMATS,
  );
  const event = (kind: string, who: string) =>
    client.query(
      `INSERT INTO security_events (id, kind, user_id, occurred_at)
       SELECT gen_random_uuid(), $1, id, now() FROM users WHERE external_id = $2`,
      [kind, who],
    );
  await event('login.success', 'used');
  // A stranger's guess is no use of the account.
  await event('login.failed', 'guessed');
  expect(await run('--undo', runId)).toEqual({ removed: 2, left: 1 });
  expect(await run('--undo', runId)).toEqual({ removed: 0, left: 1 });
  const { rows } = await client.query(`SELECT external_id FROM users WHERE import_run_id = $1`, [runId]);
  expect(rows).toEqual([{ external_id: 'used' }]);
  await expect(run('--undo', '00000000-0000-7000-8000-000000000000')).rejects.toThrow('There is no run');
});

test('an undo waits for a login that is under way, and then leaves its person', async () => {
  const { runId } = await run(csvOf(personRow('racer')), ...FORMATS);
  const login = await database.open();
  await login.query('BEGIN');
  await login.query(`SELECT FROM users WHERE external_id = 'racer' FOR NO KEY UPDATE`);
  const undoing = run('--undo', runId);
  await expect
    .poll(
      async () =>
        (
          await client.query(
            `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
          )
        ).rowCount,
    )
    .toBe(1);
  await login.query(
    `INSERT INTO security_events (id, kind, user_id, occurred_at)
     SELECT gen_random_uuid(), 'login.success', id, now() FROM users WHERE external_id = 'racer'`,
  );
  await login.query('COMMIT');
  expect(await undoing).toEqual({ removed: 0, left: 1 });
});

test('status names the old passwords that are left, and with the last one the setting can go', async () => {
  const left = await run('--status');
  expect(left.records).toContainEqual(expect.objectContaining({ format: 'bcrypt:5' }));
  await client.query(`UPDATE users SET password_hash = '$scrypt$' WHERE password_hash LIKE '$imported$%'`);
  expect((await run('--status')).records).toEqual([]);
});

test('a packed file is unpacked; a document that breaks off is an error, and what came before can be resumed or undone', async () => {
  const rows = [{ id: 'z1', email: 'z1@packed.example', emailVerified: true }];
  const packed = fileOf(gzipSync(JSON.stringify(rows)), '.json.gz');
  expect((await run(packed, '--from', 'better-auth')).counts).toEqual({ without_password: 1 });

  const lines = fileOf('{"localId":"l1","email":"l1@lines.example","emailVerified":true}\n', '.json');
  expect((await run(lines, '--from', 'firebase')).counts).toEqual({ without_password: 1 });

  const whole = JSON.stringify({
    users: Array.from({ length: 600 }, (_, n) => ({
      localId: `cut${n}`,
      email: `cut${n}@cut.example`,
      emailVerified: true,
    })),
  });
  const cut = fileOf(whole.slice(0, -20), '.json');
  await expect(run(cut, '--from', 'firebase')).rejects.toThrow(/makes no sense after 599 rows/);
  await expect(run(cut, '--from', 'firebase')).rejects.toThrow(
    /is not finished: add --resume, or take it back with --undo/,
  );
  await expect(run(cut, '--from', 'firebase', '--resume')).rejects.toThrow(/makes no sense/);
  expect((await people('firebase')).filter(({ email }) => email.endsWith('@cut.example')).length).toBe(500);
});

test.each([
  [['--from', 'csv'], /say --from SOURCE and a file/],
  [['nowhere.csv', '--from', 'csv'], /nowhere.csv cannot be read: ENOENT/],
  [
    [keys, '--from', 'firebase', '--hash-config', keys.replace(/\d+\.json/, '0.json')],
    /must be JSON with base64_signer_key/,
  ],
  [
    [keys, '--from', 'csv', '--formats', 'pbkdf2-sha512:210000'],
    /IMPORT_FORMATS has pbkdf2-sha512:210000, which is refused/,
  ],
  [[keys, '--from', 'csv', '--resume'], /No unfinished run has read this file/],
])('%j: a clear error', async (words, message) => {
  await expect(run(...words)).rejects.toThrow(message);
});
