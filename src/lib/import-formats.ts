/**
 * The formats of password hashes that people bring along from another system, each at one cost: the setting
 * IMPORT_FORMATS, such as `bcrypt:10,argon2id:m=19456,t=2,p=1`. A format has one spelling, so two texts are equal
 * exactly when format and cost are. What the platform cannot run is refused here, for the Worker and for the import.
 */
import { MAX_MEMORY_BYTES, MAX_WORK } from './scrypt.ts';

const names = [
  'bcrypt',
  'scrypt',
  'firebase-scrypt',
  'better-auth',
  'argon2id',
  'argon2i',
  'pbkdf2-sha256',
  'pbkdf2-sha512',
] as const;

export type FormatName = (typeof names)[number];

/** `cost` has its numbers in the order of `text`: `bcrypt:10` has [10], `argon2id:m=19456,t=2,p=1` has [19456, 2, 1]. */
export type ImportFormat = { name: FormatName; cost: readonly number[]; text: string };

/** Names the parameters of a cost, and says what is wrong with one that cannot be run. */
type Rule = { parameters: readonly string[]; fault(cost: readonly number[]): string | undefined };

/** A login takes this much more time with it: bcrypt 13 and argon2 with m*t = 2^18 take about a second of CPU. */
const MAX_BCRYPT = 13;
const MAX_ARGON2 = 2 ** 18;
/** In production workerd refuses more iterations (local runs accept them). */
const MAX_PBKDF2 = 100_000;
/** Every login runs each of them. */
const MAX_FORMATS = 4;

const scryptRule = (parameters: readonly string[]): Rule => ({
  parameters,
  fault([ln = 0, r = 0, p = 1]) {
    if (ln >= 16 * r || ln > 30) return 'is no scrypt: ln must be below 16*r';
    if (2 ** ln * r * p > MAX_WORK) return 'is refused by the platform: N*r*p is over 2^20';
    return 128 * 2 ** ln * r > MAX_MEMORY_BYTES ? 'takes more than 32 MiB' : undefined;
  },
});

const argon2Rule: Rule = {
  parameters: ['m=', 't=', 'p='],
  fault([m = 0, t = 0, p = 0]) {
    if (m < 8 * p || t < 1 || p < 1) return 'is no argon2: m must be at least 8*p';
    if (m * 1_024 > MAX_MEMORY_BYTES) return 'takes more than 32 MiB';
    return m * t > MAX_ARGON2
      ? 'takes more than a second of CPU at every login: m*t is over 2^18'
      : undefined;
  },
};

const pbkdf2Rule: Rule = {
  parameters: [''],
  fault: ([iterations = 0]) =>
    iterations > MAX_PBKDF2
      ? 'is refused by the platform: PBKDF2 has more than 100000 iterations'
      : undefined,
};

const rules: Record<FormatName, Rule> = {
  bcrypt: {
    parameters: [''],
    fault([cost = 0]) {
      if (cost < 4) return 'is no bcrypt: its cost is at least 4';
      return cost > MAX_BCRYPT ? `takes more than a second of CPU at every login` : undefined;
    },
  },
  scrypt: scryptRule(['ln=', 'r=', 'p=']),
  'firebase-scrypt': scryptRule(['ln=', 'r=']),
  'better-auth': scryptRule(['ln=', 'r=', 'p=']),
  argon2id: argon2Rule,
  argon2i: argon2Rule,
  'pbkdf2-sha256': pbkdf2Rule,
  'pbkdf2-sha512': pbkdf2Rule,
};

/** A digest that is cheap to compute is hashed once more when it is stored: see imported-record.ts. */
export const isFast = ({ name }: ImportFormat): boolean => name.startsWith('pbkdf2-');

/** The format of these numbers, whether or not it can be run. */
export function importFormat(name: FormatName, cost: readonly number[]): ImportFormat {
  const written = rules[name].parameters.map((parameter, index) => `${parameter}${cost[index]}`);
  return { name, cost, text: `${name}:${written.join(',')}` };
}

/** Why no installation can check hashes of this format and cost. Undefined for one that can be listed. */
export const formatFault = ({ name, cost }: ImportFormat): string | undefined => rules[name].fault(cost);

/** Throws an Error that says what is wrong. */
export function parseImportFormats(text: string): ImportFormat[] {
  if (text === '') return [];
  const formats = text.split(/\s*,\s*(?=[a-z][a-z0-9-]*:)/).map(parseFormat);
  if (new Set(formats.map((format) => format.text)).size !== formats.length)
    throw new Error('has one format twice');
  if (formats.length > MAX_FORMATS)
    throw new Error(`has more than ${MAX_FORMATS} formats, and every login would run each of them`);
  if (formats.filter(isFast).length > 1) throw new Error('has more than one PBKDF2 format');
  for (const format of formats) {
    const fault = formatFault(format);
    if (fault !== undefined) throw new Error(`has ${format.text}, which ${fault}`);
  }
  return formats;
}

function parseFormat(text: string): ImportFormat {
  const [written = '', parameters = ''] = text.trim().split(':');
  const name = names.find((one) => one === written);
  if (name === undefined) throw new Error(`has a format that is none of ${names.join(', ')}`);
  const format = importFormat(name, parameters.split(',').map(numberIn));
  if (format.text !== text.trim() || format.cost.includes(Number.NaN)) {
    const form = rules[name].parameters.map((parameter) => `${parameter}N`).join(',');
    throw new Error(`has a ${name} that is not of the form ${name}:${form}`);
  }
  return format;
}

const numberIn = (parameter: string): number => Number(/^[a-z]*=?([1-9]\d{0,8})$/.exec(parameter)?.[1]);
