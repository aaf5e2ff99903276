/** A new six-digit code, in the form that the store keeps. */
import { v7 as uuidv7 } from 'uuid';
import type { ApiConfig } from '../config/read.ts';
import { later } from '../lib/time.ts';
import type { MailedCode } from '../store/signups.ts';
import { type CodePurpose, codeMac, deriveCode } from './proof.ts';

/** A code belongs to the mail that carries it: a new mail has a new code. */
export function newCode(config: ApiConfig, purpose: CodePurpose, personId: string, now: Date): MailedCode {
  const mailId = uuidv7();
  const [key] = config.mailSecrets;
  return {
    mailId,
    keyId: key.id,
    mac: codeMac(key, purpose, personId, deriveCode(key, purpose, personId, mailId)),
    expiresAt: later(now, config.verificationCodeSeconds),
  };
}
