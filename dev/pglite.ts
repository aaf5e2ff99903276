/**
 * The embedded Postgres as an Executor. PGlite is one session, so queries wait for each other: one request,
 * with the whole of its transaction, holds the session, and always leaves it outside any transaction.
 */
import { messages, type PGlite, protocol } from '@electric-sql/pglite';
import {
  beginStatement,
  type Executor,
  PostgresError,
  type Query,
  type Result,
} from '../tooling/neon-http.ts';

export function createPgliteExecutor(db: PGlite): Executor {
  return {
    run(_connectionString, queries, transaction) {
      const statements = transaction
        ? [bare(beginStatement(transaction)), ...queries, bare('COMMIT')]
        : queries;
      return db.runExclusive(async () => {
        const results = await runInOrder(db, statements);
        return transaction ? results.slice(1, -1) : results;
      });
    },
    close: () => db.close(),
  };
}

async function runInOrder(db: PGlite, statements: Query[]): Promise<Result[]> {
  const results: Result[] = [];
  try {
    for (const statement of statements) results.push(await runOne(db, statement));
    return results;
  } finally {
    await db.execProtocol(protocol.serialize.query('ROLLBACK'), { throwOnError: false });
  }
}

/** One statement through the extended protocol: parameter types are left to Postgres, values stay text. */
async function runOne(db: PGlite, { query, params }: Query): Promise<Result> {
  const { serialize } = protocol;
  const request = Buffer.concat([
    serialize.parse({ text: query }),
    serialize.bind({ values: params }),
    serialize.describe({ type: 'P' }),
    serialize.execute({}),
    serialize.sync(),
  ]);
  const { messages: answers } = await db.execProtocol(request, { throwOnError: false });

  const result: Result = { fields: [], rows: [], command: '', rowCount: null };
  for (const answer of answers) {
    if (answer instanceof messages.DatabaseError) throw new PostgresError(answer);
    if (answer instanceof messages.RowDescriptionMessage) result.fields = answer.fields.map(plainField);
    if (answer instanceof messages.DataRowMessage) result.rows.push(answer.fields);
    if (answer instanceof messages.CommandCompleteMessage) Object.assign(result, readTag(answer.text));
  }
  return result;
}

function plainField(field: messages.Field): Result['fields'][number] {
  const { name, dataTypeID, tableID, columnID, dataTypeSize, dataTypeModifier } = field;
  return { name, dataTypeID, tableID, columnID, dataTypeSize, dataTypeModifier, format: 'text' };
}

/** `INSERT 0 5` is five rows inserted; `CREATE TABLE` counts nothing. */
function readTag(tag: string): Pick<Result, 'command' | 'rowCount'> {
  const [command = ''] = tag.split(' ');
  const count = /\d+$/.exec(tag);
  return { command, rowCount: count ? Number(count[0]) : null };
}

function bare(query: string): Query {
  return { query, params: [] };
}
