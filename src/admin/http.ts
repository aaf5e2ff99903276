/**
 * The HTTP door of the admin Worker, behind Cloudflare Access. The cookie of Access is ambient: the browser of an
 * operator sends it with whatever page asks. So every request but that for the page itself (page.ts) must also come from our own page: exactly our origin, a
 * header of our own, which no form can set and which needs a preflight that nobody answers, and JSON.
 */
import type { JWTVerifyGetKey } from 'jose';
import { v4 as uuidv4 } from 'uuid';
import * as z from 'zod';
import type { AdminConfig } from '../config/read.ts';
import { readJson } from '../http/body.ts';
import { faultOf } from '../lib/fault.ts';
import { writeLog } from '../ports/log.ts';
import { Refusal, refusals } from '../refusal.ts';
import type { Acting } from '../store/admin-act.ts';
import { isDatabaseUnavailable } from '../store/db.ts';
import { ACCESS_HEADER, type Access, operatorOf } from './access.ts';
import type { AdminDeps } from './acting.ts';
import { type ActName, act, actNames, exportFor, find, show, suppress } from './acts.ts';
import { HEADERS, pageFile } from './page.ts';

/** The header of our own. */
const OWN_HEADER = 'X-Gatehouse-Admin';

const BODY = { bytes: 16_384, ms: 10_000 };

const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' };

const reasonBody = z.strictObject({ reason: z.string() });
const addressBody = z.strictObject({ email: z.string(), reason: z.string() });

type Asked = { request: Request; url: URL; acting: (reason: string | null) => Acting };
type Route = {
  method: 'GET' | 'POST';
  path: RegExp;
  answer: (deps: AdminDeps, asked: Asked, parts: string[]) => Promise<unknown>;
};

/** Every endpoint. What an id or a text may be is judged by the acts. */
const routes: Route[] = [
  {
    method: 'GET',
    path: /^\/api\/people$/,
    answer: async (deps, { url }) => ({ people: await find(deps, url.searchParams.get('search') ?? '') }),
  },
  {
    method: 'GET',
    path: /^\/api\/people\/([^/]+)$/,
    answer: async (deps, { acting }, [id = '']) => present(await show(deps, id, acting(null))),
  },
  {
    method: 'POST',
    path: /^\/api\/people\/([^/]+)\/export$/,
    answer: async (deps, { request, acting }, [id = '']) => {
      const { reason } = await bodyOf(request, reasonBody);
      return present(await exportFor(deps, id, acting(reason)));
    },
  },
  {
    method: 'POST',
    path: new RegExp(`^/api/people/([^/]+)/(${actNames.join('|')})$`),
    answer: async (deps, { request, acting }, [id = '', name]) => {
      const { reason } = await bodyOf(request, reasonBody);
      const outcome = await act(deps, name as ActName, id, acting(reason));
      return { outcome: present(outcome === 'unknown' ? undefined : outcome) };
    },
  },
  {
    method: 'POST',
    path: /^\/api\/mail\/(suppress|unsuppress)$/,
    answer: async (deps, { request, acting }, [what]) => {
      const { email, reason } = await bodyOf(request, addressBody);
      return { isChanged: await suppress(deps, email, what === 'suppress', acting(reason)) };
    },
  },
];

export type Door = {
  config: AdminConfig;
  deps: AdminDeps;
  access: Access;
  keys: JWTVerifyGetKey;
  assets: Fetcher;
};

/** Answers one request. It never throws. */
export async function answerOperator(request: Request, door: Door): Promise<Response> {
  const started = performance.now();
  const requestId = uuidv4();
  const url = new URL(request.url);
  const { response, code } = await answered(request, url, requestId, door);
  const { status } = response;
  writeLog(door.config.logLevel, status >= 500 ? 'error' : 'info', {
    event: 'admin.request',
    requestId,
    method: request.method,
    status,
    ...(code !== undefined && { code }),
    durationMs: Math.round(performance.now() - started),
  });
  return response;
}

type Answer = { response: Response; code?: string };

const json = (body: unknown, status = 200, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { ...HEADERS, ...JSON_TYPE, ...headers } });

async function answered(request: Request, url: URL, requestId: string, door: Door): Promise<Answer> {
  try {
    const { deps, access, keys, assets } = door;
    // First of all: nobody without a name learns which paths there are.
    const operator = await operatorOf(request.headers.get(ACCESS_HEADER), access, keys, deps.now());
    // A browser comes here by itself, from the page of Access: nothing is read or done by opening the page.
    const file = await pageFile(request, url, operator, assets);
    if (file) return { response: file };
    requireOwnPage(request, access);
    const route = routes.find(({ method, path }) => method === request.method && path.test(url.pathname));
    if (route === undefined) throw new Refusal('not_found');
    const parts = route.path.exec(url.pathname)?.slice(1).map(decoded) ?? [];
    const acting = (reason: string | null): Acting => ({ operator, door: 'access', reason, requestId });
    return { response: json(await route.answer(deps, { request, url, acting }, parts)) };
  } catch (error) {
    return refused(error, requestId, door.config);
  }
}

function refused(error: unknown, requestId: string, { logLevel }: AdminConfig): Answer {
  const refusal = refusalOf(error);
  if (refusal.code === 'internal_error')
    writeLog(logLevel, 'error', { event: 'admin.fault', requestId, fault: faultOf(error) });
  const { status, title } = refusals[refusal.code];
  const { code, detail, members } = refusal;
  const type = `urn:gatehouse:problem:${code}`;
  const headers = { ...refusal.headers, 'Content-Type': 'application/problem+json; charset=utf-8' };
  const body = { type, title, status, detail, code, requestId, ...members };
  return { response: json(body, status, headers), code };
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return isDatabaseUnavailable(error)
    ? new Refusal('service_unavailable', { headers: { 'Retry-After': '2' } })
    : new Refusal('internal_error');
}

/** @throws Refusal `origin_not_allowed` */
function requireOwnPage({ method, headers }: Request, { origin }: Access): void {
  const from = headers.get('Origin');
  const site = headers.get('Sec-Fetch-Site');
  const isOurs = method === 'GET' ? from === null || from === origin : from === origin;
  if (!isOurs || (site !== null && site !== 'same-origin') || headers.get(OWN_HEADER) !== '1')
    throw new Refusal('origin_not_allowed');
}

async function bodyOf<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
  const { success, data, error } = schema.safeParse(await readJson(request, BODY));
  if (success) return data;
  const errors = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new Refusal('validation_failed', { members: { errors } });
}

/** @throws Refusal `not_found` */
function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Refusal('not_found');
  return value;
}

/** A path that is not well encoded names nobody. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal('not_found');
  }
}
