/** Everything that is stored about one person, as JSON, for GET /me/export. */
import { type SQL, sql } from 'drizzle-orm';
import type { Bearer } from '../caller.ts';
import { type Acting, actingCaller, recordAct } from './admin-act.ts';
import type { Db } from './db.ts';
import { codesLeft } from './factors.ts';
import { lastUse } from './last-use.ts';
import { isLiveSession } from './live-session.ts';
import { column, run, statement } from './statement.ts';

/** A timestamp, in the ISO form that the rest of the API uses. */
const iso = (at: string | SQL): SQL =>
  sql`to_char(${typeof at === 'string' ? sql.raw(at) : at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Rows as a JSON array, never NULL. */
const listOf = (fields: SQL, from: SQL, order: SQL): SQL =>
  sql`(SELECT COALESCE(jsonb_agg(jsonb_build_object(${fields}) ORDER BY ${order}), '[]') FROM ${from})`;

/**
 * Everything that is stored about the person, except what only serves to check a secret: hashes and MACs. Mails to a
 * requested new address are left out too: whether one was sent would tell that nobody else has that address. Undefined
 * when the session has ended.
 */
export async function exportAccount(db: Db, bearer: Bearer, now: Date): Promise<unknown> {
  const select = exportOf(sql`u.id = ${bearer.userId}::uuid AND ${isLiveSession(bearer, now)}`, now);
  const [answer] = await run(db, statement({ select, row: { export: column.json } }));
  return answer?.export;
}

/** The same for an operator, whom the person has asked for it. Undefined when nobody is there. */
export async function exportPerson(db: Db, userId: string, acting: Acting, now: Date): Promise<unknown> {
  const exported = statement({
    parts: {
      person: sql`SELECT id FROM users WHERE id = ${userId}::uuid`,
      ...recordAct(acting, 'admin.exported', now, { from: sql`FROM person` }),
    },
    select: exportOf(sql`u.id = ${userId}::uuid`, now),
    row: { export: column.json },
  });
  const [answer] = await run(db, exported, { caller: actingCaller(acting) });
  return answer?.export;
}

/** `which` is a condition on the row `u` of `users`. */
const exportOf = (which: SQL, now: Date): SQL => sql`
    SELECT jsonb_build_object(
      'account', jsonb_build_object('id', u.id, 'email', u.email, 'name', u.name, 'locale', u.locale,
        'createdAt', ${iso('u.created_at')}, 'emailVerifiedAt', ${iso('u.email_verified_at')},
        'passwordChangedAt', ${iso('u.password_changed_at')}, 'externalSource', u.external_source,
        'externalId', u.external_id),
      'sessions', ${listOf(
        sql`'id', id, 'client', client, 'userAgent', user_agent, 'place', place, 'transport', transport,
          'deviceId', device_id, 'amr', to_jsonb(amr),
          'createdAt', ${iso('created_at')}, 'lastUsedAt', ${iso(lastUse('s', now))},
          'expiresAt', ${iso('expires_at')}, 'endedAt', ${iso('revoked_at')}, 'endedBy', revoked_reason`,
        sql`user_sessions s WHERE user_id = u.id`,
        sql`id`,
      )},
      'events', ${listOf(
        sql`'id', id, 'at', ${iso('occurred_at')}, 'kind', kind, 'sessionId', session_id, 'client', client,
          'userAgent', user_agent, 'requestId', request_id`,
        sql`security_events WHERE user_id = u.id`,
        sql`id`,
      )},
      'mails', ${listOf(
        sql`'id', id, 'kind', kind, 'status', status, 'createdAt', ${iso('created_at')},
          'finishedAt', ${iso('finished_at')}`,
        sql`email_outbox WHERE user_id = u.id AND kind <> 'change_email'`,
        sql`id`,
      )},
      'addressChanges', ${listOf(
        sql`'email', email, 'requestedAt', ${iso('created_at')}, 'expiresAt', ${iso('expires_at')}`,
        sql`verification_tokens WHERE user_id = u.id AND purpose = 'change_email' AND used_at IS NULL`,
        sql`id`,
      )},
      'addressUndos', ${listOf(
        sql`'email', email, 'changedAt', ${iso('created_at')}, 'expiresAt', ${iso('expires_at')}`,
        sql`email_change_undos WHERE user_id = u.id`,
        sql`id`,
      )},
      'secondFactors', jsonb_build_object(
        'mfaRequired', u.mfa_required,
        'totp', (SELECT jsonb_build_object('createdAt', ${iso('created_at')}) FROM totp_factors WHERE user_id = u.id),
        'recoveryCodes', (SELECT jsonb_build_object('left', ${codesLeft(sql`used`)}, 'createdAt', ${iso('created_at')})
          FROM recovery_codes WHERE user_id = u.id)),
      'passkeys', ${listOf(
        sql`'name', name, 'domain', rp_id, 'isSynced', backed_up, 'createdAt', ${iso('created_at')},
          'lastUsedAt', ${iso('last_used_at')}`,
        sql`passkeys WHERE user_id = u.id`,
        sql`id`,
      )},
      'passwordResets', ${listOf(
        sql`'requestedAt', ${iso('created_at')}, 'expiresAt', ${iso('expires_at')}, 'usedAt', ${iso('used_at')},
          'client', client`,
        sql`password_reset_tokens WHERE user_id = u.id`,
        sql`id`,
      )}
    ) AS export
    FROM users u WHERE ${which}`;
