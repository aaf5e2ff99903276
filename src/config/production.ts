/**
 * What is well formed and still must not start: keys that serve two purposes, anywhere; and in staging and production
 * what only fits a laptop, is readable on its way, could be guessed, or was only ever an example. It judges whatever
 * settings a Worker has by their values, so that a new one is covered.
 */
import { isStrong, type ScryptCosts } from '../lib/scrypt.ts';
import type { Reader, Setting } from './setting.ts';

type Judged = { name: string; value?: unknown; setting: Setting<unknown, Reader> };
export type SettingFault = { name: string; fault: string };

/** RFC 2606, RFC 6761: names that can belong to nobody. */
export const isExampleHost = (host: string) => /(^|\.)(example(\.(com|org|net))?|invalid|test)$/i.test(host);

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|([^.]+\.)*localhost)$/i;

/** Shorter than any key that is one: not compared. */
const MIN_KEY_BYTES = 16;

const MIN_TOKEN = { length: 16, characters: 10 };
const TYPED_BY_HAND = /change.?me|example|password|1234567890|abcdefgh|qwert/i;

export function settingFaults(judged: readonly Judged[]): SettingFault[] {
  const environment = judged.find(({ name }) => name === 'ENVIRONMENT')?.value;
  const shared = sharedKeys(judged);
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
  // A staging that mails into a catcher instead of to people is right.
  if (name === 'NEON_HTTP_URL' || (name === 'RESEND_BASE_URL' && !isStaging))
    return 'is for local work and must not be set here';
  const host = hostOf(text);
  // The pages of developers run on their own machine and may use a staging.
  if (name === 'ALLOWED_ORIGINS' && isStaging && LOOPBACK.test(host)) return undefined;
  if (/^http:/i.test(text)) return 'must be https outside local work';
  if (isExampleHost(host)) return 'is still the example';
  if (name === 'AUDIENCE' && text === setting.fallback) return 'is still the default: it needs its own';
  if (name === 'DATABASE_URL') return databaseFault(text, host);
  if (LOOPBACK.test(host)) return 'is on this machine';
  if (setting.isSecret && !URL.canParse(text) && isGuessable(text)) return 'is not random';
  return undefined;
}

function databaseFault(text: string, host: string): string | undefined {
  if (LOOPBACK.test(host) || /[?&]sslmode=disable/.test(text)) return 'is a local or unencrypted database';
  if (isGuessable(decodeURIComponent(URL.parse(text)?.password ?? '')))
    return 'has a password that is not random';
  return undefined;
}

/** Tests and laptops may hash cheaply. */
function weakCost({ name, value }: Judged): SettingFault[] {
  if (name !== 'PASSWORD_SCRYPT_COSTS' || value === undefined) return [];
  const [newest] = value as ScryptCosts;
  return isStrong(newest) ? [] : [{ name, fault: "starts with a cost below OWASP's minimum" }];
}

/** Of a URL, or of the address in `Name <name@host>`. */
const hostOf = (text: string): string => URL.parse(text)?.hostname ?? /@([^@>\s]+)>?$/.exec(text)?.[1] ?? '';

const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');

/** Nobody can prove that a text is random; this finds what people type. */
const isGuessable = (text: string): boolean =>
  text.length < MIN_TOKEN.length || new Set(text).size < MIN_TOKEN.characters || TYPED_BY_HAND.test(text);

/** A key that serves two purposes lets what one makes pass for the other's, and its theft takes both. */
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

/** The bytes of every key in a value: of rings, of a signing key's `d`, of what is written in base64. */
function keysOf(value: unknown): Uint8Array[] {
  if (value instanceof Uint8Array) return [value];
  if (typeof value === 'string')
    return URL.canParse(value) ? [] : [Buffer.from(value.replace(/^whsec_/, ''), 'base64url')];
  if (typeof value !== 'object' || value === null) return [];
  const { secret, d, ...parts }: { secret?: unknown; d?: unknown } = value;
  return [secret, d, ...Object.values(parts).filter((part) => typeof part === 'object')].flatMap(keysOf);
}
