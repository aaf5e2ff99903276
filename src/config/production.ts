/**
 * Refuses settings that are well formed but unsafe. Everywhere: one key for two purposes. In staging and production:
 * settings for a laptop, settings without encryption, guessable secrets, and examples. It looks at the values of all
 * settings, so a new setting is covered.
 */
import { isStrong, type ScryptCosts } from '../lib/scrypt.ts';
import type { Reader, Setting } from './setting.ts';

type Judged = { name: string; value?: unknown; setting: Setting<unknown, Reader> };
export type SettingFault = { name: string; fault: string };

/** Names that belong to nobody (RFC 2606, RFC 6761). */
export const isExampleHost = (host: string) => /(^|\.)(example(\.(com|org|net))?|invalid|test)$/i.test(host);

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|([^.]+\.)*localhost)$/i;

/** Shorter values are no keys and are not compared. */
const MIN_KEY_BYTES = 16;

const MIN_TOKEN = { length: 16, characters: 10 };
const TYPED_BY_HAND = /change.?me|example|password|1234567890|abcdefgh|qwert/i;

export function settingFaults(judged: readonly Judged[]): SettingFault[] {
  const environment = judged.find(({ name }) => name === 'ENVIRONMENT')?.value;
  const shared = [...sharedKeys(judged), ...unpeppered(judged)];
  if (environment === 'local') return shared;
  const unfit = judged.flatMap((one) =>
    textsOf(one.value).flatMap((text) => {
      const fault = faultOf(one, text, environment);
      return fault === undefined ? [] : [{ name: one.name, fault }];
    }),
  );
  return [...shared, ...unfit, ...judged.flatMap(weakCost)];
}

function faultOf({ name, setting }: Judged, text: string, environment: unknown): string | undefined {
  const isStaging = environment === 'staging';
  // Staging may send its mail to a mail catcher instead of people.
  if (name === 'NEON_HTTP_URL' || (name === 'RESEND_BASE_URL' && !isStaging))
    return 'is for local work and must not be set here';
  const host = hostOf(text);
  // Pages that run on the machine of a developer may use staging.
  if (['ALLOWED_ORIGINS', 'RETURN_URLS'].includes(name) && isStaging && LOOPBACK.test(host)) return undefined;
  if (/^http:/i.test(text)) return 'must be https outside local work';
  if (isExampleHost(host)) return 'is still the example';
  if (name === 'AUDIENCE' && text === setting.fallback) return 'is still the default: it needs its own';
  if (name.endsWith('DATABASE_URL')) return databaseFault(text, host, setting.isBeside);
  if (LOOPBACK.test(host) && !setting.isBeside) return 'is on this machine';
  if (setting.isSecret && !URL.canParse(text) && isGuessable(text)) return 'is not random';
  return undefined;
}

function databaseFault(text: string, host: string, isBeside = false): string | undefined {
  if (!isBeside && (LOOPBACK.test(host) || /[?&]sslmode=disable/.test(text)))
    return 'is a local or unencrypted database';
  if (isGuessable(decodeURIComponent(URL.parse(text)?.password ?? '')))
    return 'has a password that is not random';
  return undefined;
}

/** Outside of tests and laptops a hash must not be cheap. */
function weakCost({ name, value }: Judged): SettingFault[] {
  if (name !== 'PASSWORD_SCRYPT_COSTS' || value === undefined) return [];
  const [newest] = value as ScryptCosts;
  return isStrong(newest) ? [] : [{ name, fault: "starts with a cost below OWASP's minimum" }];
}

/** Records of imported people are never without a pepper. */
function unpeppered(judged: readonly Judged[]): SettingFault[] {
  const formats = judged.find(({ name }) => name === 'IMPORT_FORMATS')?.value;
  const peppers = judged.find(({ name }) => name === 'IMPORT_PEPPERS');
  if (!Array.isArray(formats) || formats.length === 0 || peppers?.value !== undefined) return [];
  return [{ name: 'IMPORT_FORMATS', fault: 'is set without IMPORT_PEPPERS' }];
}

/** The host of a URL, or of the address in `Name <name@host>` or `mailto:name@host`. */
const hostOf = (text: string): string =>
  URL.parse(text)?.hostname || (/@([^@>\s]+)>?$/.exec(text)?.[1] ?? '');

const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');

/** Nobody can prove that a text is random. This finds what people type by hand. */
const isGuessable = (text: string): boolean =>
  text.length < MIN_TOKEN.length || new Set(text).size < MIN_TOKEN.characters || TYPED_BY_HAND.test(text);

/** With one key for two purposes, a token for one could pass for the other, and its theft affects both. */
function sharedKeys(judged: readonly Judged[]): SettingFault[] {
  const owners = new Map<string, string>();
  return judged.flatMap(({ name, value, setting }) =>
    (setting.isSecret ? keysOf(value) : []).flatMap((key) => {
      if (key.length < MIN_KEY_BYTES) return [];
      const id = Buffer.from(key).toString('hex');
      const owner = owners.get(id);
      owners.set(id, owner ?? name);
      if (owner === undefined) return [];
      return [
        { name, fault: owner === name ? 'has one key twice' : `has a key of another setting, ${owner}` },
      ];
    }),
  );
}

/** The bytes of every key in a value: in key rings, in the `d` of a signing key, in base64. */
function keysOf(value: unknown): Uint8Array[] {
  if (value instanceof Uint8Array) return [value];
  if (typeof value === 'string')
    return URL.canParse(value) ? [] : [Buffer.from(value.replace(/^whsec_/, ''), 'base64url')];
  if (typeof value !== 'object' || value === null) return [];
  const { secret, d, ...parts }: { secret?: unknown; d?: unknown } = value;
  return [secret, d, ...Object.values(parts).filter((part) => typeof part === 'object')].flatMap(keysOf);
}
