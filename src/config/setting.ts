/** One setting: the type of its text, the Worker that reads it, and its meaning for the documents. */
import type { Field } from './fields.ts';

export type WorkerName = 'api' | 'jobs';
export type Reader = WorkerName | 'both';
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
