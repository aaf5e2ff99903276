/** What the document says of each endpoint beyond its declaration. An endpoint that lacks its words does not compile. */
import type { endpoints } from '../../src/app.ts';
import type { BodyOf, DataOf, Endpoint } from '../../src/http/endpoint.ts';
import type { cookies } from '../headers.ts';

type Name<E extends Endpoint> = `${Uppercase<E['method']>} ${E['path']}`;

type Texts = { operationId: string; summary: string; description: string };

/** `authenticate`: the refresh cookie says who asks. `sets`: a success can set or end cookies. */
type Cookies = { authenticate?: true; takes?: readonly (keyof typeof cookies)[]; sets?: true };

/** `requests`: examples of the body by name, the first of which Swagger UI offers; `answer`: one of `data`. */
type WordsOf<E extends Endpoint> = Texts & {
  cookies?: Cookies;
  answer: DataOf<E>;
} & (BodyOf<E> extends undefined ? { requests?: undefined } : { requests: Record<string, BodyOf<E>> });

export type AllWords = { [E in (typeof endpoints)[number] as Name<E>]: WordsOf<E> };

/** Endpoints that stand together in the document, under a tag. */
export type Group = { name: string; description: string; operations: Partial<AllWords> };
