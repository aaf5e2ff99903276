/** What a new password must be: 8 to 256 code points after NFC, and nothing about what it is made of. */
import type { ApiConfig } from '../env.ts';
import { Refusal } from '../refusal.ts';

/** @throws Refusal `validation_failed` that names `path`, the field the password came in. */
export function assertAcceptable(password: string, path: string, config: ApiConfig): void {
  const { passwordMinLength: min, passwordMaxLength: max } = config;
  const length = [...password.normalize('NFC')].length;
  if (length >= min && length <= max) return;
  const message = `must have ${min} to ${max} characters`;
  throw new Refusal('validation_failed', { members: { errors: [{ path, message }] } });
}
