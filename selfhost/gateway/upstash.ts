/**
 * Upstash's REST protocol, as @upstash/redis 1.39 speaks it, over any Redis: one command at `/`, several at
 * `/pipeline`; string replies in base64 where the client asks for it.
 */
import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { type Handler, type Served, serveLoopback } from '../../tooling/loopback.ts';
import type { Spoil } from './neon-http.ts';

export type Reply = Buffer | string | number | null | Reply[];

/** A Redis. `command` throws what the server answers with an error. */
export type RedisBackend = { command(name: string, ...args: string[]): Promise<Reply>; close(): void };

type Options = {
  backend: RedisBackend;
  /** The only one that is accepted. Without it, any. */
  token?: string;
  /** Lets a test see, slow or break the requests that come with `token`, or spoil the answer by what it returns. */
  beforeRun?: (token: string, commands: unknown[][]) => Promise<Spoil | undefined>;
};

/** On a port of this machine. */
export async function serveUpstash(options: Options): Promise<Served> {
  const served = await serveLoopback(answerUpstash(options), 0);
  return {
    url: served.url,
    async close() {
      await served.close();
      options.backend.close();
    },
  };
}

export function answerUpstash({ backend, token: expected, beforeRun }: Options): Handler {
  const run = scripted(backend);
  const answer = async (command: unknown[], isBase64: boolean) => {
    const [name = '', ...args] = command.map(String);
    try {
      const result = await run(name, args);
      return { result: isBase64 ? encoded(result) : plain(result) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };
  const app = new Hono<{ Variables: { isBase64: boolean } }>()
    .onError((error, c) => c.json({ error: error.message }, 500))
    .use(async (c, next) => {
      const [, token] = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '') ?? [];
      if (token === undefined || (expected !== undefined && token !== expected))
        return c.json({ error: 'WRONGPASS invalid or missing auth token' }, 401);
      const asked = await c.req.json<unknown[] | unknown[][]>();
      const spoil = await beforeRun?.(token, c.req.path === '/pipeline' ? (asked as unknown[][]) : [asked]);
      c.set('isBase64', c.req.header('upstash-encoding') === 'base64');
      await next();
      if (spoil) c.res = spoil(c.res);
    })
    .post('/', async (c) => {
      const answered = await answer(await c.req.json<unknown[]>(), c.get('isBase64'));
      return c.json(answered, 'error' in answered ? 400 : 200);
    })
    .post('/pipeline', async (c) => {
      const answers = [];
      for (const command of await c.req.json<unknown[][]>())
        answers.push(await answer(command, c.get('isBase64')));
      return c.json(answers);
    });
  return (request) => app.fetch(request);
}

/**
 * `allow-key-locking` in the first line of a script is known to Upstash alone: the line is taken off, and the
 * script still goes by the hash that the client knows it by.
 */
function scripted(backend: RedisBackend): (name: string, args: string[]) => Promise<Reply> {
  const scripts = new Map<string, string>();
  return async (name, [script = '', ...rest]) => {
    const verb = name.toUpperCase();
    if (verb === 'EVALSHA') {
      const known = scripts.get(script);
      if (known === undefined) throw new Error('NOSCRIPT No matching script. Please use EVAL.');
      return backend.command('EVAL', known, ...rest);
    }
    if (verb !== 'EVAL') return backend.command(name, ...(script === '' ? [] : [script]), ...rest);
    const stripped = script.replace(/^#!lua flags=allow-key-locking\n/, '');
    scripts.set(createHash('sha1').update(script).digest('hex'), stripped);
    return backend.command('EVAL', stripped, ...rest);
  };
}

function encoded(reply: Reply): unknown {
  if (Array.isArray(reply)) return reply.map(encoded);
  const text = plain(reply);
  return typeof text === 'string' && text !== 'OK' ? Buffer.from(text).toString('base64') : text;
}

function plain(reply: Reply): unknown {
  if (Array.isArray(reply)) return reply.map(plain);
  return Buffer.isBuffer(reply) ? reply.toString() : reply;
}
