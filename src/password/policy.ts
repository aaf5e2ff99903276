/**
 * The rules for a new password. It has 8 to 256 code points after NFC, of any kind. It is not one of the most common
 * passwords, not the name or address of the person or the name of the product, and not known from a breach. Nothing
 * here depends on whether anyone has an account.
 */

import type { ApiConfig } from '../config/read.ts';
import type { Deps } from '../deps.ts';
import { Refusal } from '../refusal.ts';
import { isCommon, isMadeOf } from './blocklist.ts';

/** A new password, the field it came in, and what is known about its future owner. */
export type NewPassword = { password: string; path: string; name?: string; email?: string };

/** @throws Refusal `validation_failed` or `password_blocked`, both naming `path` */
export async function assertAcceptable(deps: Deps, chosen: NewPassword): Promise<void> {
  const { password, path } = chosen;
  assertLength(deps.config, chosen);
  if (await isCommon(password)) throw blocked(path, 'common', 'is among the most common passwords');
  if (isMadeOf(password, contextWords(deps.config, chosen))) {
    throw blocked(path, 'context', 'is made of your name, your address or the name of this service');
  }
  const breached = await deps.breaches.includes(password);
  if (breached === 'down') deps.degraded('breach.degraded');
  else if (breached) throw blocked(path, 'breached', 'is known from a breach elsewhere');
}

/** The part that needs no trip. It is also used alone, before a trip is made. */
export function assertLength(config: ApiConfig, { password, path }: NewPassword): void {
  const { passwordMinLength: min, passwordMaxLength: max } = config;
  const length = [...password.normalize('NFC')].length;
  if (length >= min && length <= max) return;
  const message = `must have ${min} to ${max} characters`;
  throw new Refusal('validation_failed', { members: { errors: [{ path, message }] } });
}

const blocked = (path: string, reason: string, message: string) =>
  new Refusal('password_blocked', { reason, members: { errors: [{ path, message }] } });

/** Words that an attacker would try first: as a whole and in parts. */
function contextWords(config: ApiConfig, { name = '', email = '' }: NewPassword): string[] {
  const hostname = URL.parse(config.issuer)?.hostname ?? '';
  const wholes = [config.productName, hostname, name, email, ...email.split('@')];
  return wholes.flatMap((whole) => [whole, whole.replaceAll(/\s/g, ''), ...whole.split(/[\s@.+_-]+/)]);
}
