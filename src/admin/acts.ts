/**
 * What an operator can do to one person: the closed list of all doors (the command line, other Workers, the page). There
 * is no act that sets a password, reads a code or a link, or logs in as somebody (OWASP ASVS 6.4.6).
 */
import { validate as isUuid } from 'uuid';
import { canonicalEmail } from '../lib/email-address.ts';
import { exportPerson } from '../store/account-export.ts';
import { disablePerson, enablePerson, endSessionsOf, unlockPerson } from '../store/admin-access.ts';
import type { Acting, ActOutcome } from '../store/admin-act.ts';
import { deletePerson } from '../store/admin-delete.ts';
import { resendProof, startReset, suppressAddress } from '../store/admin-mail.ts';
import type { Db } from '../store/db.ts';
import { cancelRemoval, requestRemoval } from '../store/factor-removals.ts';
import { type FoundPerson, findPeople } from '../store/people.ts';
import { type PersonPage, showPerson } from '../store/person-page.ts';
import { type AdminDeps, checkActing, checkLooking, invalid } from './acting.ts';

type Verb = (db: Db, userId: string, acting: Acting, now: Date) => Promise<ActOutcome>;

const acts = {
  disable: disablePerson,
  enable: enablePerson,
  unlock: unlockPerson,
  logout: endSessionsOf,
  reset: startReset,
  resend: resendProof,
  'remove-factor': requestRemoval,
  'keep-factor': cancelRemoval,
  delete: deletePerson,
} satisfies Record<string, Verb>;

export type ActName = keyof typeof acts;
export const actNames = Object.keys(acts) as [ActName, ...ActName[]];

/** @throws Refusal `validation_failed` */
export async function act(
  deps: AdminDeps,
  name: ActName,
  userId: string,
  acting: Acting,
): Promise<ActOutcome> {
  return acts[name](deps.db, personId(userId), checkActing(acting), deps.now());
}

const MOST_FOUND = 50;
/** With fewer characters a search would only list people. */
const SHORTEST = 3;

/**
 * At most 50 people: by id, by the beginning of the address, or by the id in another system.
 *
 * @throws Refusal `validation_failed`
 */
export async function find(deps: AdminDeps, term: string): Promise<FoundPerson[]> {
  const text = term.trim();
  if (isUuid(text)) return findPeople(deps.db, { id: text.toLowerCase() }, MOST_FOUND);
  if (text.length < SHORTEST || text.length > 254 || /\p{Cc}/u.test(text) || !text.isWellFormed())
    throw invalid('search', `must be an id, or at least ${SHORTEST} characters of an address`);
  const emailBegins = canonicalEmail(text) ?? text.toLowerCase();
  return findPeople(deps.db, { emailBegins, externalId: text }, MOST_FOUND);
}

/** Undefined when nobody is there. @throws Refusal `validation_failed` */
export async function show(deps: AdminDeps, userId: string, acting: Acting): Promise<PersonPage | undefined> {
  return showPerson(deps.db, personId(userId), checkLooking(acting), deps.now());
}

/** What GET /me/export gives. Undefined when nobody is there. @throws Refusal `validation_failed` */
export async function exportFor(deps: AdminDeps, userId: string, acting: Acting): Promise<unknown> {
  return exportPerson(deps.db, personId(userId), checkActing(acting), deps.now());
}

/** False when it was so already. @throws Refusal `validation_failed` */
export async function suppress(
  deps: AdminDeps,
  email: string,
  isSuppressed: boolean,
  acting: Acting,
): Promise<boolean> {
  const address = canonicalEmail(email);
  if (address === undefined) throw invalid('email', 'must be an email address');
  return suppressAddress(deps.db, address, isSuppressed, checkActing(acting), deps.now());
}

function personId(id: string): string {
  if (isUuid(id)) return id.toLowerCase();
  throw invalid('id', 'must be the id of a person');
}
