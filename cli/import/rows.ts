/**
 * The rows of a file, one after the other, however large the file is: CSV, one JSON object a line, a JSON list, or a list
 * inside of a JSON document. A file that ends in `.gz` is unpacked. Memory holds one row.
 */
import { createReadStream, statSync } from 'node:fs';
import { type Duplex, pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { pick } from 'stream-json/filters/pick.js';
import { streamArray } from 'stream-json/streamers/stream-array.js';
import { messageOf, UserError } from '../../tooling/user-error.ts';
import { isRaw, type Raw } from './candidate.ts';

/** Undefined: the row is there, but cannot be read. */
export type Row = Raw | undefined;

export type Rows = { rows: AsyncIterable<Row>; size: number; bytesRead(): number };

const MAX_ROW_BYTES = 1024 * 1024;

/** @throws UserError in the middle, when the rest of the file makes no sense */
export async function openRows(path: string, at: string | undefined): Promise<Rows> {
  const size = sizeOf(path);
  const start = await beginningOf(path);
  const file = createReadStream(path);
  const content = path.endsWith('.gz') ? through(file, createGunzip()) : file;
  return { rows: readable(rowsOf(content, start, at), path), size, bytesRead: () => file.bytesRead };
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

/** The first characters, which say what kind of file it is. */
async function beginningOf(path: string): Promise<string> {
  const file = createReadStream(path, { end: 65_535 });
  const content = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  content.setEncoding('utf8');
  try {
    for await (const chunk of content)
      return String(chunk)
        .replace(/^\uFEFF/, '')
        .trimStart();
    return '';
  } finally {
    file.destroy();
  }
}

function rowsOf(content: Readable, start: string, at: string | undefined): AsyncIterable<Row> {
  if (start.startsWith('[')) return items(through(content, streamArray.withParserAsStream()));
  if (start.startsWith('{') && at !== undefined && !isRow(start, at))
    return items(through(content, pick.withParserAsStream({ filter: at }), streamArray.asStream()));
  return start.startsWith('{') ? lines(content) : records(content);
}

/** Whether the first line is one person, and not the document or its beginning. */
function isRow(start: string, at: string): boolean {
  const [line = ''] = start.split('\n', 1);
  const row = fromLine(line);
  return row !== undefined && !(at in row);
}

/** Whoever reads the last stream gets an error of any of them; `pipe` would wait for ever. */
function through(content: Readable, ...stages: Duplex[]): Readable {
  pipeline([content, ...stages], () => {});
  return stages.at(-1) ?? content;
}

async function* items(stream: AsyncIterable<unknown>): AsyncIterable<Row> {
  for await (const item of stream) {
    const { value } = item as { value: unknown };
    yield isRaw(value) ? value : undefined;
  }
}

async function* records(content: Readable): AsyncIterable<Row> {
  const options = { columns: true, bom: true, relax_column_count: true, max_record_size: MAX_ROW_BYTES };
  for await (const record of through(content, parse(options))) yield record as Raw;
}

async function* lines(content: Readable): AsyncIterable<Row> {
  let rest = '';
  content.setEncoding('utf8');
  for await (const chunk of content) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > MAX_ROW_BYTES) throw new Error('a line is longer than 1 MiB');
    for (const line of parts) if (line.trim() !== '') yield fromLine(line);
  }
  if (rest.trim() !== '') yield fromLine(rest);
}

function fromLine(line: string): Row {
  try {
    const value: unknown = JSON.parse(line.replace(/^\uFEFF/, ''));
    return isRaw(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function* readable(rows: AsyncIterable<Row>, path: string): AsyncIterable<Row> {
  let count = 0;
  try {
    for await (const row of rows) {
      count += 1;
      yield row;
    }
  } catch (error) {
    throw new UserError(
      `${path} makes no sense after ${count} rows: ${messageOf(error)}. What came before is taken.`,
    );
  }
}
