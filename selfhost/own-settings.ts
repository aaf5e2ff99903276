/**
 * The settings that only the self-hosted service has, beside the table of the Workers. docs/self-host.md has a table
 * made from this one by `npm run settings`.
 */
import ipaddr from 'ipaddr.js';
import * as z from 'zod';
import { databaseUrl, type Field, oneOf, whole } from '../src/config/fields.ts';
import { api, both, jobs } from '../src/config/setting.ts';

const optional = (schema: z.ZodType<string>): Field<string | undefined> => ({ schema });
const file = optional(z.string().startsWith('/', 'is not the absolute path of a file'));
const beside = <T>(schema: z.ZodType<T>): Field<T> => ({ schema, isSecret: true, isBeside: true });

export const ownSettings = {
  databaseUrl: api(
    { ...databaseUrl, isBeside: true },
    'Postgres, as the role of the API. Only the gateway reads it.',
  ),
  jobsDatabaseUrl: jobs(
    { ...databaseUrl, isBeside: true },
    'Postgres, as the role of the jobs. It must not lead through a pooler of transactions: a lock is held on it.',
  ),
  redisUrl: api(
    beside(z.url({ protocol: /^rediss?$/, error: 'is not a redis:// or rediss:// URL' })),
    'The Redis that counts rate limits; `rediss://` is with TLS. Only the gateway reads it.',
  ),
  postgresTls: both(
    oneOf(['on', 'off'], 'on'),
    '`off` only for a database on this machine or in a private network. `sslmode` in the URL has no effect.',
  ),
  postgresCaFile: both(file, 'The certificate authority of Postgres. Empty: those that Node trusts.'),
  redisCaFile: api(file, 'The certificate authority of Redis. Empty: those that Node trusts.'),
  postgresPoolSize: api(
    whole(20, 1, 500),
    'Connections of the API to Postgres on this host. The jobs have four of their own.',
  ),
  listen: api(
    {
      schema: z
        .string()
        .regex(/^(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):\d{1,5}$/i, 'is not an address and a port'),
      fallback: '0.0.0.0:8080',
    },
    'Where the service listens, without TLS: a reverse proxy is in front of it. The only port that it opens.',
  ),
  workers: api(whole(0, 0, 256), 'How many processes answer requests. `0`: one for each core.'),
  hungSeconds: api(
    whole(12, 2, 300),
    'A process that has not answered its probes for so long is killed and replaced.',
  ),
  trustedProxies: api(
    {
      schema: z.string().refine((list) => list === '' || list.split(',').every(isNetwork), {
        error: 'is not a list of addresses and networks such as 10.0.0.0/8',
      }),
      fallback: '',
    },
    'The reverse proxies whose header says who the client is, comma-separated. Empty: the client is who connects.',
  ),
  clientAddressHeader: api(
    {
      schema: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'is not the name of a header'),
      fallback: 'X-Forwarded-For',
    },
    'That header: one address, or a list to which each proxy adds at the end.',
  ),
  smtpUrl: jobs(
    {
      schema: z.url({ protocol: /^smtps?$/, error: 'is not an smtp:// or smtps:// URL' }).optional(),
      isBeside: true,
    } as Field<string | undefined>,
    'A mail server to send by, instead of Resend: `smtps://user:password@host:465`, or `smtp://` with STARTTLS. A secret.',
  ),
  smtpTls: jobs(
    oneOf(['on', 'off'], 'on'),
    '`off` allows `smtp://` without STARTTLS: only for a mail server on this machine or in a private network.',
  ),
};

function isNetwork(text: string): boolean {
  const one = text.trim();
  return one.includes('/') ? ipaddr.isValidCIDR(one) : ipaddr.isValid(one) && !/^\d+$/.test(one);
}
