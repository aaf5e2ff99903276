/**
 * Who acts as an operator, and why. Both are required: an act without a name and a reason does not happen. Both are one
 * line of visible text, since they are shown in tables and logs.
 */
import { hasBidiControl, hasInvisible, isVisible } from '../lib/invisible.ts';
import { type FieldError, Refusal } from '../refusal.ts';
import type { Acting } from '../store/admin-act.ts';
import type { Db } from '../store/db.ts';

/** What the acts of operators use. No key and no queue: what they cause, the jobs Worker finds within a minute. */
export type AdminDeps = { db: Db; now(): Date };

const MAX_OPERATOR = 200;
const REASON = { min: 3, max: 500 };

const CONTROL = /\p{Cc}|\u2028|\u2029/u;

const isOneLine = (text: string): boolean =>
  text.isWellFormed() &&
  !CONTROL.test(text) &&
  !hasBidiControl(text) &&
  !hasInvisible(text) &&
  isVisible(text);

/** @throws Refusal `validation_failed`, which names each field that is not right */
export function checkActing(acting: Acting): Acting {
  const { operator, reason } = acting;
  const errors: FieldError[] = [];
  if (operator.length > MAX_OPERATOR || !isOneLine(operator))
    errors.push({ path: 'operator', message: `must be one line of 1 to ${MAX_OPERATOR} visible characters` });
  if (reason === null || reason.length < REASON.min || reason.length > REASON.max || !isOneLine(reason))
    errors.push({
      path: 'reason',
      message: `must be one line of ${REASON.min} to ${REASON.max} visible characters`,
    });
  if (errors.length > 0) throw new Refusal('validation_failed', { members: { errors } });
  return acting;
}

/** For looking, which needs no reason. @throws Refusal `validation_failed` */
export const checkLooking = (acting: Acting): Acting => {
  checkActing({ ...acting, reason: 'none' });
  return { ...acting, reason: null };
};

/** @throws Refusal `validation_failed` */
export const invalid = (path: string, message: string): Refusal =>
  new Refusal('validation_failed', { members: { errors: [{ path, message }] } });
