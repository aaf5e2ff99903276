/** `export`: everybody is in it once, also when it was broken off, and the same people move in elsewhere. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { parseKeyRing } from '../../src/lib/key-ring.ts';
import { seal } from '../../src/lib/sealed.ts';
import { keyKinds } from '../../tooling/key-values.ts';
import { cli } from '../support/cli.ts';
import { TOTP_SECRET } from '../support/exports-of-others.ts';
import { type OwnDatabase, ownDatabase } from '../support/own-database.ts';

const PEOPLE = 1_203;
const RECORD = `$scrypt$ln=14,r=8,p=5,keyid=k1$${'s'.repeat(22)}$${'h'.repeat(43)}`;
const FACTOR_SECRETS = keyKinds.FACTOR_SECRETS.make();
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-export-'));
const path = join(folder, 'people.ndjson');
let [from, to]: OwnDatabase[] = [];

beforeAll(async () => {
  [from, to] = [await ownDatabase(), await ownDatabase()];
  const client = await from.open();
  await client.query(
    `INSERT INTO users (id, email, name, password_hash, password_changed_at, email_verified_at, pending_expires_at, deletion_due_at,
       disabled_at, disabled_by, locale, created_at)
     SELECT uuidv7(), 'p' || n || '@out.example', 'P ' || n, $2, now(), CASE WHEN n > 1 THEN now() END,
       CASE WHEN n = 1 THEN now() END, CASE WHEN n = 2 THEN now() END, CASE WHEN n = 3 THEN now() END,
       CASE WHEN n = 3 THEN 'bob' END, 'de', '2024-05-06T07:08:09Z' FROM generate_series(1, $1::int) n`,
    [PEOPLE + 2, RECORD],
  );
  const { rows } = await client.query(`SELECT id FROM users WHERE email = 'p4@out.example'`);
  const [{ id }] = rows;
  const sealed = await seal(parseKeyRing(FACTOR_SECRETS), Buffer.from('12345678901234567890'), {
    purpose: 'totp',
    owner: id,
  });
  await client.query(
    'INSERT INTO totp_factors (user_id, sealed, key_id, created_at) VALUES ($1, $2, $3, now())',
    [id, Buffer.from(sealed.bytes), sealed.keyId],
  );
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([from?.drop(), to?.drop()]);
});

const envOf = (database: OwnDatabase | undefined) => ({
  DATABASE_URL: database?.url ?? '',
  NEON_HTTP_URL: inject('env').NEON_HTTP_URL,
  FACTOR_SECRETS,
  IMPORT_PEPPERS: keyKinds.IMPORT_PEPPERS.make(),
});
const run = (...words: string[]) => cli(['export', ...words], { env: envOf(from) });
const exported = (file: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('everybody with an account is in it once, in a file that only its owner can read; resumed, it is the same', async () => {
  const done = await run(path, '--with-passwords', '--with-factors', '--json');
  expect(JSON.parse(done.stdout)).toEqual({ people: PEOPLE, path });
  const whole = readFileSync(path, 'utf8');
  const people = exported(path);
  expect(new Set(people.map(({ id }) => id)).size).toBe(PEOPLE);
  expect(people.map(({ email }) => email)).not.toContain('p1@out.example');
  expect(people.map(({ email }) => email)).not.toContain('p2@out.example');
  expect(people.find(({ email }) => email === 'p4@out.example')).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    email: 'p4@out.example',
    name: 'P 4',
    locale: 'de',
    createdAt: '2024-05-06T07:08:09.000Z',
    emailVerified: true,
    disabled: false,
    externalSource: null,
    externalId: null,
    passwordHash: RECORD,
    hasTotp: true,
    totpSecret: TOTP_SECRET,
  });
  expect(statSync(path).mode & 0o777).toBe(0o600);

  // Broken off in the middle of a line, a few lines after a page.
  truncateSync(path, Math.floor(whole.length * 0.9));
  expect((await run(path, '--with-passwords', '--with-factors')).stderr).toContain(
    'is there already: add --resume',
  );
  expect((await run(path, '--resume', '--with-passwords', '--with-factors')).status).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe(whole);
});

test('without a word, neither records nor secrets are in it', async () => {
  const plain = join(folder, 'plain.ndjson');
  expect((await run(plain)).stdout).toContain(`${PEOPLE} people written`);
  expect(readFileSync(plain, 'utf8')).not.toMatch(/scrypt|passwordHash|totpSecret/);
  appendFileSync(plain, 'no export\n');
  expect((await run(plain, '--resume')).stderr).toContain('is no export: its last line has no id');
});

test('the same people move in elsewhere with their ids, records, states and apps', async () => {
  const moved = await cli(['import', path, '--from', 'gatehouse', '--out', folder, '--json'], {
    env: envOf(to),
  });
  expect(JSON.parse(moved.stdout).counts).toEqual({ imported: PEOPLE });
  const again = join(folder, 'again.ndjson');
  const back = await cli(['export', again, '--with-passwords', '--with-factors'], { env: envOf(to) });
  expect(back.status).toBe(0);
  const known = exported(path).map((one) => ({ ...one, externalSource: 'gatehouse', externalId: one.id }));
  expect(exported(again)).toEqual(known);
});
