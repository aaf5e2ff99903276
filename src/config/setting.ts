/** One setting: the type of its text, the Worker that reads it, and its meaning for the documents. */
import type { Field } from './fields.ts';

export type WorkerName = 'api' | 'jobs' | 'admin';
/** `both`: the API and the jobs Worker. */
export type Reader = WorkerName | 'both' | 'all';

const readers: Record<WorkerName, readonly Reader[]> = {
  api: ['api', 'both', 'all'],
  jobs: ['jobs', 'both', 'all'],
  admin: ['admin', 'all'],
};

export const isReadBy = (worker: WorkerName, reader: Reader): boolean => readers[worker].includes(reader);

export type ReadersOf<W extends WorkerName> = 'all' | W | (W extends 'admin' ? never : 'both');
export type Setting<T, R extends Reader> = Field<T> & { reader: R; meaning: string };

export const api = <T>(field: Field<T>, meaning: string): Setting<T, 'api'> => ({
  ...field,
  reader: 'api',
  meaning,
});

export const jobs = <T>(field: Field<T>, meaning: string): Setting<T, 'jobs'> => ({
  ...field,
  reader: 'jobs',
  meaning,
});

export const both = <T>(field: Field<T>, meaning: string): Setting<T, 'both'> => ({
  ...field,
  reader: 'both',
  meaning,
});

export const admin = <T>(field: Field<T>, meaning: string): Setting<T, 'admin'> => ({
  ...field,
  reader: 'admin',
  meaning,
});

export const all = <T>(field: Field<T>, meaning: string): Setting<T, 'all'> => ({
  ...field,
  reader: 'all',
  meaning,
});
