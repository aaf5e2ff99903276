/** What to say about each code that a call can be refused with. No code is left without words and a way on. */
import type { Code, GatehouseError } from '../../packages/client/src/index.ts';
import { h } from './element.ts';
import type { Told } from './notice.ts';
import { settings, to } from './settings.ts';
import { amount, clock, type Key, rich, t } from './words.ts';

type Kind =
  | 'unreachable'
  | 'busy'
  | 'limited'
  | 'ours'
  | 'loggedOut'
  | 'password'
  | 'code'
  | 'input'
  | 'gone'
  | 'ticket'
  | 'factor'
  | 'owed'
  | 'passkey';

const kinds: Record<Code, Kind> = {
  no_answer: 'unreachable',
  request_timeout: 'unreachable',
  overloaded: 'busy',
  service_unavailable: 'busy',
  rate_limited: 'limited',
  login_locked: 'limited',
  invalid_token: 'loggedOut',
  invalid_refresh_token: 'loggedOut',
  signed_out: 'loggedOut',
  invalid_credentials: 'password',
  wrong_password: 'password',
  invalid_ticket: 'ticket',
  invalid_passkey: 'passkey',
  passkey_not_used: 'passkey',
  wrong_second_factor: 'factor',
  second_factor_required: 'owed',
  second_factor_locked: 'limited',
  invalid_code: 'code',
  sign_up_unknown: 'code',
  email_not_verified: 'code',
  validation_failed: 'input',
  password_blocked: 'input',
  payload_too_large: 'input',
  not_found: 'gone',
  malformed_json: 'ours',
  unsupported_media_type: 'ours',
  origin_not_allowed: 'ours',
  cross_site: 'ours',
  internal_error: 'ours',
};

export function toldOf({ code, retryAfter, requestId }: GatehouseError): Told {
  const kind = kinds[code] ?? 'ours';
  const title = t(`failure.${kind}` as Key);
  if (kind === 'busy' || kind === 'limited') {
    const seconds = retryAfter ?? 60;
    const at = clock(new Date(Date.now() + seconds * 1_000));
    const text = t('failure.later', { at, left: amount(seconds) });
    return { tone: 'warn', title, text };
  }
  if (kind === 'loggedOut')
    return {
      tone: 'information',
      title,
      text: h('a', { href: settings.login ?? to('/login') }, t('login.again')),
    };
  const help = settings.support
    ? h('a', { href: settings.support }, t('failure.support'))
    : t('failure.support');
  return {
    tone: 'bad',
    title,
    text: rich(`failure.${kind}.text` as Key, { help, id: requestId ?? code }),
  };
}

/** The words for a field that was refused, by the message of the service. Passwords have several reasons. */
export function faultOf(path: string, message: string): string {
  if (!/password/i.test(path))
    return t(
      path === 'email' || path === 'newEmail' ? 'fault.email' : path === 'code' ? 'fault.code' : 'fault.name',
    );
  if (/breach/.test(message)) return t('fault.leaked');
  if (/common/.test(message)) return t('fault.common');
  if (/made of/.test(message)) return t('fault.ownWords');
  const { min, max } = settings.password;
  return t('fault.length', { min, max });
}
