/** The one door to a session: a login ends here, whatever it was proven by, and its client keeps what it is given. */
import type { Answer } from '../support/gatehouse.ts';
import { claimsOf, deviceIn, tokensIn } from './client.ts';
import { type Account, DAY, isLive, type Model, owe, SECOND } from './model.ts';
import { endShown } from './session-rules.ts';
import { type Held, type KnownDevice, modelId, type RefreshToken, type World } from './world.ts';

const MAX_SESSIONS = 3;

/** `id` is that of the session. `replaced`: the one whose cookie the browser still has. */
export type Opening = {
  id: string;
  from: number;
  transport: 'body' | 'cookie';
  shown: KnownDevice | undefined;
  replaced: { held: Held; token: RefreshToken } | undefined;
};

/** The session whose cookies the browser sends along with a login. */
export function replacedBy(
  world: World,
  { from, transport, shown }: Omit<Opening, 'id' | 'replaced'>,
): Opening['replaced'] {
  const held =
    transport === 'cookie'
      ? world.sessions.findLast((s) => s.from === from && s.transport === 'cookie')
      : undefined;
  const token = held?.tokens.at(-1);
  if (held === undefined || token === undefined) return undefined;
  // A browser has both cookies of its session, or none.
  if (shown?.device !== held.known?.device) world.tampered.add(held.id);
  return { held, token };
}

export const isKnownTo = ({ id, version }: Account, shown: KnownDevice | undefined): boolean =>
  shown?.account === id && shown.version === version;

/** The device is trusted, for the factors as they are. */
export const isTrusted = (m: Model, person: Account, shown: KnownDevice | undefined): boolean =>
  isKnownTo(person, shown) && shown?.trust?.epoch === person.epoch && shown.trust.until > m.now;

/** Of any login that succeeds. Gives what its answer says. */
export function openSession(m: Model, person: Account, opening: Opening, isTrustGiven: boolean): string {
  const { id, transport, shown, replaced } = opening;
  const isKnown = isKnownTo(person, shown);
  if (replaced) endShown(m, replaced.held, replaced.token, shown?.device ?? null);
  if (person.wrongSinceSuccess >= 10) owe(m, 'login_after_failures', person.email);
  else if (!isKnown && person.hasLoggedIn) owe(m, 'new_device', person.email);
  person.hasLoggedIn = true;
  person.wrongSinceSuccess = 0;
  const others = m.sessions.filter((s) => s.account === person.id && isLive(m, s));
  const kept = others.sort((a, b) => b.openedAt - a.openedAt).slice(0, MAX_SESSIONS - 1);
  m.sessions = m.sessions.filter((s) => s.account !== person.id || kept.includes(s));
  m.sessions.push({
    id,
    account: person.id,
    transport,
    device: isKnown && shown ? shown.device : `device of ${id}`,
    secret: id,
    generation: 0,
    exchanged: null,
    rotatedAt: 0,
    openedAt: m.now,
    idleUntil: m.now + 7 * DAY,
    endsAt: Math.floor((m.now + 30 * DAY) / SECOND) * SECOND,
    hasSet: null,
  });
  return openedFor(person.id, isTrustGiven);
}

const openedFor = (account: string | undefined, isTrustGiven: boolean) =>
  `${account}${isTrustGiven ? ', on a trusted device' : ''}`;

/** What the answer of a login that has opened a session says. */
export function openedIn(world: World, answer: Answer): string {
  const { tru } = claimsOf(tokensIn(answer).deviceToken ?? '');
  return openedFor(modelId(world, answer.body.data.user.id), tru !== undefined);
}

export function keepSession(
  world: World,
  { id, from, transport, shown }: Omit<Opening, 'replaced'>,
  email: string,
  answer: Answer,
): void {
  const { access, accessEndsAt, refreshToken, deviceToken, generation } = tokensIn(answer);
  const account = modelId(world, answer.body.data.user.id) ?? '';
  const { jti } = claimsOf(deviceToken ?? '');
  const device = shown && claimsOf(shown.token).jti === jti ? shown.device : `device of ${id}`;
  const known = deviceIn(deviceToken, device, account);
  world.known.set(`${from} ${email}`, known);
  const tokens = [{ token: refreshToken, generation, secret: id }];
  const rest = { withheld: undefined, access, accessEndsAt, known };
  world.sessions.push({ id, account, from, transport, tokens, ...rest });
}
