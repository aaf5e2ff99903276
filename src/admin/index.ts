/**
 * The admin Worker. It has two doors, and no address of its own (workers_dev and preview_urls are off):
 *
 * - `Admin`, for the team's own Workers, over a service binding. Any Worker of the account can bind it. Which one calls
 *   is in the props of its binding, which the one who deploys it writes. The operator that it names is stored as claimed.
 * - HTTP, behind Cloudflare Access (http.ts). It is closed until all its settings are there.
 */
import { env, WorkerEntrypoint } from 'cloudflare:workers';
import * as z from 'zod';
import { readAdminConfig } from '../config/read.ts';
import { type FieldError, Refusal, type RefusalCode } from '../refusal.ts';
import type { Acting } from '../store/admin-act.ts';
import { openDb } from '../store/db.ts';
import { accessOf, teamKeys } from './access.ts';
import type { AdminDeps } from './acting.ts';
import { act, actNames, exportFor, find, show, suppress } from './acts.ts';
import { answerOperator } from './http.ts';

const config = readAdminConfig(env as unknown as Record<string, unknown>);
const deps: AdminDeps = { db: openDb(config), now: () => new Date() };
const access = accessOf(config);
const keys = access && teamKeys(access);
const assets = (env as unknown as { ASSETS: Fetcher }).ASSETS;

export default {
  fetch: async (request) =>
    access && keys
      ? answerOperator(request, { config, deps, access, keys, assets })
      : new Response(null, { status: 404 }),
} satisfies ExportedHandler<unknown>;

/** What a call answers: an error keeps no fields on its way to another Worker. */
type Reply<T> = { ok: true; data: T } | { ok: false; code: RefusalCode; errors?: FieldError[] };

/** Whoever calls may send anything. */
const named = z.strictObject({ operator: z.string() });
const withReason = z.strictObject({ operator: z.string(), reason: z.string() });
const name = z.enum(actNames);
const text = z.string();

export class Admin extends WorkerEntrypoint<unknown, { caller?: unknown }> {
  find(who: { operator: string }, search: string) {
    return reply(() => {
      this.#acting({ ...named.parse(who), reason: null });
      return find(deps, text.parse(search));
    });
  }

  show(who: { operator: string }, id: string) {
    return reply(() => show(deps, text.parse(id), this.#acting({ ...named.parse(who), reason: null })));
  }

  act(who: { operator: string; reason: string }, what: (typeof actNames)[number], id: string) {
    return reply(() => act(deps, name.parse(what), text.parse(id), this.#acting(withReason.parse(who))));
  }

  export(who: { operator: string; reason: string }, id: string) {
    return reply(() => exportFor(deps, text.parse(id), this.#acting(withReason.parse(who))));
  }

  suppress(who: { operator: string; reason: string }, email: string, isSuppressed: boolean) {
    return reply(() =>
      suppress(deps, text.parse(email), z.boolean().parse(isSuppressed), this.#acting(withReason.parse(who))),
    );
  }

  /** @throws Refusal `invalid_credentials` for a binding without a name. Truly private: other methods can be called. */
  #acting({ operator, reason }: { operator: string; reason: string | null }): Acting {
    const { caller } = this.ctx.props;
    if (typeof caller !== 'string' || !/^[\w-]{1,50}$/.test(caller))
      throw new Refusal('invalid_credentials', { reason: 'no_caller' });
    return { operator: `${caller}: ${operator}`, door: 'rpc', reason, requestId: crypto.randomUUID() };
  }
}

async function reply<T>(work: () => Promise<T | undefined>): Promise<Reply<T>> {
  try {
    const data = await work();
    return data === undefined ? { ok: false, code: 'not_found' } : { ok: true, data };
  } catch (error) {
    if (error instanceof z.ZodError)
      return {
        ok: false,
        code: 'validation_failed',
        errors: [{ path: '', message: 'the arguments do not fit' }],
      };
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, code: error.code, ...(error.members.errors && { errors: error.members.errors }) };
  }
}
