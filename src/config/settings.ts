/**
 * The table of all settings of the Workers. `sessionIdleSeconds` is set by `SESSION_IDLE_SECONDS`. `npm run settings`
 * writes `.dev.vars.example` and the table in docs/operations.md from it.
 */
import { isReadBy, type WorkerName } from './setting.ts';
import { general } from './settings/general.ts';
import { guard } from './settings/guard.ts';
import { mail } from './settings/mail.ts';
import { operators } from './settings/operators.ts';
import { pages } from './settings/pages.ts';
import { passkeys } from './settings/passkeys.ts';
import { passwords } from './settings/passwords.ts';
import { secrets } from './settings/secrets.ts';
import { sessions } from './settings/sessions.ts';

/** The settings by their headings in the documents. */
export const settingGroups = {
  Secrets: secrets,
  'Where it runs': general,
  'Tokens and sessions': sessions,
  'Sign-up and passwords': passwords,
  Passkeys: passkeys,
  'Lockout and limits': guard,
  Mail: mail,
  Pages: pages,
  Operators: operators,
};

export const settings = {
  ...secrets,
  ...general,
  ...sessions,
  ...passwords,
  ...passkeys,
  ...guard,
  ...mail,
  ...pages,
  ...operators,
};

/** The settings that a Worker reads. */
export const settingsFor = (worker: WorkerName) =>
  Object.entries(settings).filter(([, { reader }]) => isReadBy(worker, reader));

/** The name of a setting in the environment. */
export function constantCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
