/**
 * What Neon's driver must find at our endpoint, whichever executor is behind it.
 */
import { randomBytes } from 'node:crypto';
import { type NeonQueryFunction, neon, neonConfig } from '@neondatabase/serverless';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Executor, serveNeonHttp } from '../../selfhost/gateway/neon-http.ts';

type Sql = NeonQueryFunction<false, false>;

export function describeNeonProtocol(databaseUrl: string, open: () => Promise<Executor>): void {
  const sql = neon(databaseUrl);
  const table = `neon_protocol_${randomBytes(4).toString('hex')}`;

  beforeAll(async () => {
    const executor = await open();
    const served = await serveNeonHttp({ executor });
    neonConfig.fetchEndpoint = served.url;
    await sql.query(`CREATE TABLE ${table} (id int CONSTRAINT ${table}_once UNIQUE, word text)`);
    return async () => {
      await sql.query(`DROP TABLE ${table}`);
      await served.close();
      await executor.close();
    };
  }, 60_000);

  describe('values', () => describeValues(sql));
  describe('results', () => describeResults(sql, table));
  describe('batches', () => describeBatches(sql, table));
  describe('errors', () => describeErrors(sql, table));
}

const values: [type: string, sent: unknown, received: unknown][] = [
  ['int4', 7, 7],
  ['int8', '9223372036854775807', '9223372036854775807'],
  ['numeric', '12345678901234567890.000100', '12345678901234567890.000100'],
  ['float8', 0.1, 0.1],
  ['bool', false, false],
  ['text', `it's "quoted", {braced} and \\ 🙂`, `it's "quoted", {braced} and \\ 🙂`],
  ['text', '', ''],
  ['text', null, null],
  ['uuid', '0198f3a2-7c11-7d4e-9b7a-5f0a3c2d1e4f', '0198f3a2-7c11-7d4e-9b7a-5f0a3c2d1e4f'],
  ['timestamptz', '2025-12-31T23:59:59.123+01:00', new Date('2025-12-31T22:59:59.123Z')],
  [
    'jsonb',
    { list: [1, null, 'x'], nested: { 'a"b': true } },
    { list: [1, null, 'x'], nested: { 'a"b': true } },
  ],
  ['text[]', ['a', null, 'b,c', '"', '\\', 'NULL', ''], ['a', null, 'b,c', '"', '\\', 'NULL', '']],
  ['int4[]', [1, null, 3], [1, null, 3]],
  ['bytea', Buffer.from([0, 1, 92, 255]), Buffer.from([0, 1, 92, 255])],
];

function describeValues(sql: Sql): void {
  it.each(values)('carries %s %j there and back', async (type, sent, received) => {
    expect(await sql.query(`SELECT $1::${type} AS value`, [sent])).toEqual([{ value: received }]);
  });

  it('leaves the type of a parameter to Postgres', async () => {
    expect(await sql`SELECT ${'2'} + 1 AS sum, length(${'12'}) AS length`).toEqual([{ sum: 3, length: 2 }]);
  });
}

function describeResults(sql: Sql, table: string): void {
  it('tells the command, the count of rows and the types of the fields', async () => {
    const options = { fullResults: true } as const;
    const insert = await sql.query(`INSERT INTO ${table} VALUES (10, 'a'), (11, 'b')`, [], options);
    expect(insert).toMatchObject({ command: 'INSERT', rowCount: 2, rows: [] });
    const select = await sql.query(`SELECT id, word FROM ${table} WHERE id = 10`, [], options);
    expect(select).toMatchObject({ command: 'SELECT', rowCount: 1, rows: [{ id: 10, word: 'a' }] });
    expect(select.fields.map((field) => [field.name, field.dataTypeID])).toEqual([
      ['id', 23],
      ['word', 25],
    ]);
  });

  it('keeps columns of one name apart in array mode', async () => {
    expect(await sql.query('SELECT 1 AS a, 2 AS a', [], { arrayMode: true })).toEqual([[1, 2]]);
  });
}

function describeBatches(sql: Sql, table: string): void {
  const idsFrom = (first: number) => sql.query(`SELECT id FROM ${table} WHERE id >= $1 ORDER BY id`, [first]);

  it('answers each query of a batch, in order', async () => {
    const [inserted, read] = await sql.transaction([
      sql.query(`INSERT INTO ${table} VALUES ($1) RETURNING id`, [100]),
      idsFrom(100),
    ]);
    expect([inserted, read]).toEqual([[{ id: 100 }], [{ id: 100 }]]);
  });

  it('leaves nothing behind of a batch that fails, and runs the next one', async () => {
    const failing = sql.transaction([
      sql.query(`INSERT INTO ${table} VALUES (200)`),
      sql.query('SELECT 1 / 0'),
    ]);
    await expect(failing).rejects.toMatchObject({ code: '22012' });
    expect(await idsFrom(200)).toEqual([]);
    await sql.transaction([sql.query(`INSERT INTO ${table} VALUES (201)`)]);
    expect(await idsFrom(200)).toEqual([{ id: 201 }]);
  });

  it.each([
    ['ReadCommitted', 'read committed'],
    ['RepeatableRead', 'repeatable read'],
    ['Serializable', 'serializable'],
  ] as const)('runs a batch as %s when asked to', async (isolationLevel, transaction_isolation) => {
    const [rows] = await sql.transaction([sql`SHOW transaction_isolation`], { isolationLevel });
    expect(rows).toEqual([{ transaction_isolation }]);
  });

  it('refuses to write in a batch that is read only', async () => {
    const write = sql.query(`INSERT INTO ${table} VALUES (300)`);
    await expect(sql.transaction([write], { readOnly: true })).rejects.toMatchObject({ code: '25006' });
  });
}

function describeErrors(sql: Sql, table: string): void {
  it('names the constraint and the table of a duplicate', async () => {
    const insert = () => sql.query(`INSERT INTO ${table} VALUES (400)`);
    await insert();
    await expect(insert()).rejects.toMatchObject({
      name: 'NeonDbError',
      code: '23505',
      severity: 'ERROR',
      message: `duplicate key value violates unique constraint "${table}_once"`,
      detail: 'Key (id)=(400) already exists.',
      constraint: `${table}_once`,
      table,
      schema: 'public',
    });
  });

  it('points at the place of a syntax error', async () => {
    await expect(sql`SELECT 1 FORM x`).rejects.toMatchObject({ code: '42601', position: '15' });
  });

  it('takes one statement a query', async () => {
    await expect(sql`SELECT 1; SELECT 2`).rejects.toMatchObject({ code: '42601' });
  });

  it('answers 400 to what no driver would send', async () => {
    const headers = { 'Neon-Connection-String': 'postgresql://u:p@h/d' };
    const response = await fetch(String(neonConfig.fetchEndpoint), { method: 'POST', headers, body: '{}' });
    expect(response.status).toBe(400);
  });
}
