/** The second step of a login, by a ticket: its try is counted, and then it opens the session or is recorded. */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import type { Caller } from '../caller.ts';
import { OwnFault } from '../lib/fault.ts';
import { clearTry } from './attempt-results.ts';
import { type Counter, countTry, holdCounters, NOT_COUNTED } from './attempts.ts';
import type { Db } from './db.ts';
import {
  type FactorSpend,
  factorMaterial,
  factorMaterialOf,
  isUnchanged,
  spendFactor,
  tellOfRecovery,
} from './factor-proof.ts';
import { factors, factorsOf } from './factors.ts';
import type { CountedTry } from './logins.ts';
import type { Proof } from './proof.ts';
import { column, run, statement } from './statement.ts';

/** What a ticket says. `sessionId` is the session that it may open. */
export type Challenge = { sessionId: string; userId: string; passwordChangedAt: Date; mfaEpoch: number };

const challenged = {
  id: column.uuid,
  email: column.text,
  name: column.text,
  createdAt: column.instant,
  passwordChangedAt: column.instant,
  mfaEpoch: column.integer,
  factors,
  material: factorMaterial,
};

export type Challenged = z.output<z.ZodObject<typeof challenged>>;

/** A condition on `users`: the ticket still holds, and has opened nothing yet. */
export const isOpen = (challenge: Challenge): SQL => sql`
  ${isUnchanged(challenge)} AND users.email_verified_at IS NOT NULL AND users.disabled_at IS NULL
    AND NOT EXISTS (SELECT FROM user_sessions opened WHERE opened.id = ${challenge.sessionId}::uuid)`;

/**
 * Counts the try (the parts of `countTry`) and reads what the answer is judged by. `person` is null when the ticket is
 * used, or made void. A recovery code is too long to be guessed, and a passkey cannot be: their tries are not counted,
 * so `counters` is empty. `credentialId` is the passkey that the answer names.
 */
export async function beginFactorLogin(
  db: Db,
  challenge: Challenge,
  counters: readonly Counter[],
  credentialId: Uint8Array | undefined,
  now: Date,
): Promise<{ isLocked: boolean; waitSeconds: number | null; inARow: number; person: Challenged | null }> {
  const begun = statement({
    parts: {
      ...(counters.length > 0 ? countTry(counters, sql`true`, now) : NOT_COUNTED),
      person: sql`
        SELECT id, email, name, created_at AS "createdAt", password_changed_at AS "passwordChangedAt",
          mfa_epoch AS "mfaEpoch", ${factorsOf('users')} AS factors, ${factorMaterialOf('users', credentialId)} AS material
        FROM users WHERE ${isOpen(challenge)}`,
    },
    select: sql`
      SELECT verdict.locked AS "isLocked", verdict.wait_seconds AS "waitSeconds", verdict.in_a_row AS "inARow",
        to_jsonb(person) AS person
      FROM verdict LEFT JOIN person ON true`,
    row: {
      isLocked: column.boolean,
      waitSeconds: column.integer.nullable(),
      inARow: column.integer,
      person: z.object(challenged).nullable(),
    },
  });
  const locks = counters.length > 0 ? [holdCounters(counters, sql`${challenge.userId}::uuid`, now)] : [];
  const [row] = await run(db, begun, { locks });
  if (row === undefined) throw new OwnFault('TryNotCounted', 'a try of a second factor was not counted');
  return row;
}

/** The proof by password and second factor, for the statement that opens the session (sessions.ts). */
export function factorProof(
  challenge: Challenge,
  spend: FactorSpend,
  tries: { codes: readonly Counter[]; passwords: CountedTry },
  caller: Caller,
  now: Date,
): Proof {
  const mailId = uuidv7();
  const isJudged = sql`EXISTS (SELECT FROM judged)`;
  const { passwords, codes } = tries;
  const isRecovery = spend.method === 'recovery';
  return {
    proven: spendFactor(spend, isOpen(challenge)),
    opening: {
      // The password was right as well, in the request that gave the ticket.
      cleared: sql`${clearTry(passwords.counters, passwords.isKnownDevice, now, true)} AND ${isJudged}`,
      ...(codes.length > 0 && { cleared_codes: sql`${clearTry(codes, true, now)} AND ${isJudged}` }),
      ...(isRecovery &&
        tellOfRecovery('proven', { eventId: uuidv7(), mailId, sessionId: challenge.sessionId }, caller, now)),
    },
    withheld: {},
    mails: isRecovery ? [mailId] : [],
  };
}
