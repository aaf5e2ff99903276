/** All codes that an endpoint can answer with: its own, and those of every endpoint of its kind. */
import { type RefusalCode, refusals } from '../refusal.ts';
import type { Endpoint } from './endpoint.ts';

const OF_ALL = ['rate_limited'] as const;
/** Of what Postgres and Redis are asked. */
const OF_ASKING = ['internal_error', 'service_unavailable'] as const;
const OF_BODY = [
  'malformed_json',
  'request_timeout',
  'payload_too_large',
  'unsupported_media_type',
  'validation_failed',
] as const;
const OF_REST = ['validation_failed'] as const;
/** Of what may come with cookies: http/transport.ts. */
const OF_TRANSPORT = ['cross_site'] as const;
const OF_BEARER = ['invalid_token'] as const;
/** Of endpoints that change something (http/cross-origin.ts). */
const OF_WRITE = ['origin_not_allowed'] as const;

type If<Condition, Then, List extends readonly RefusalCode[]> = [Condition] extends [Then]
  ? List[number]
  : never;

/** The codes as a type, for callers that must handle each of them. */
export type PossibleRefusal<E extends Endpoint> =
  | E['refusals'][number]
  | (typeof OF_ALL)[number]
  | (E extends { asksNothing: true } ? never : (typeof OF_ASKING)[number])
  | If<E, { body: object }, typeof OF_BODY>
  | If<E, { query: object } | { headers: object }, typeof OF_REST>
  | If<E, { headers: object }, typeof OF_TRANSPORT>
  | If<E['guard'], 'secured', typeof OF_BEARER>
  | If<E['method'], 'post' | 'patch' | 'delete', typeof OF_WRITE>;

export function possibleRefusals({
  method,
  body,
  query,
  headers,
  guard,
  asksNothing,
  refusals: own,
}: Endpoint): RefusalCode[] {
  const possible = new Set<RefusalCode>([
    ...own,
    ...OF_ALL,
    ...(asksNothing ? [] : OF_ASKING),
    ...(body ? OF_BODY : []),
    ...(query || headers ? OF_REST : []),
    ...(headers ? OF_TRANSPORT : []),
    ...(guard === 'secured' ? OF_BEARER : []),
    ...(method === 'get' ? [] : OF_WRITE),
  ]);
  return (Object.keys(refusals) as RefusalCode[]).filter((code) => possible.has(code));
}
