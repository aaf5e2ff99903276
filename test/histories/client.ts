/** Requests as a client sends them, and what it reads in the answers. */
import { clientNetwork } from '../../src/lib/client-network.ts';
import { cookiesOf, ORIGIN } from '../support/browser.ts';
import type { Answer } from '../support/gatehouse.ts';
import type { KnownDevice, World } from './world.ts';

type Asking = {
  from: number;
  roams?: boolean;
  token?: string;
  transport?: 'body' | 'cookie';
  cookies?: Record<string, string | undefined>;
  raw?: string;
  headers?: Record<string, string>;
};

export function ask(
  { gatehouse, addresses }: World,
  method: string,
  path: string,
  body: unknown,
  { from, roams = false, token, transport = 'body', cookies = {}, raw, headers }: Asking,
): Promise<Answer> {
  const jar = Object.entries(cookies).flatMap(([name, value]) => (value ? [`__Host-${name}=${value}`] : []));
  return gatehouse.call(method, path, body, {
    ...(token !== undefined && { token }),
    ...(raw !== undefined && { raw }),
    headers: {
      'CF-Connecting-IP': networkOf(addresses, from, roams),
      ...(transport === 'cookie' && { Origin: ORIGIN, 'X-Gatehouse-Transport': 'cookie' }),
      ...(jar.length > 0 && { Cookie: jar.join('; ') }),
      ...headers,
    },
  });
}

/** A /48 of its own for each device of each history. */
export function networkOf(addresses: string[], from: number, roams: boolean): string {
  const digits = (addresses[0] ?? '').split('@h')[1] ?? '';
  return `2001:${digits.slice(0, 4)}:${digits.slice(4, 7)}${roams ? 9 : from}:${digits.slice(7, 11)}::1`;
}

/** The model's name of a network that the app names. */
export function clientsOf({ addresses }: World, client: string): string {
  const networks = [0, 1, 2, 3].flatMap((from) => [false, true].map((roams) => ({ from, roams })));
  const found = networks.find(
    ({ from, roams }) => clientNetwork(networkOf(addresses, from, roams))?.client === client,
  );
  return found ? networkName(found.from, found.roams) : client;
}

/** How the model names the network. */
export const networkName = (from: number, roams: boolean): string => `network ${roams ? 9 : from}`;

export const claimsOf = (token: string) =>
  JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')));

/** What a device token says. The names of the device and of the account are those of the model. */
export function deviceIn(token = '', device: string, account: string): KnownDevice {
  const { pwv: version, tru } = claimsOf(token);
  return { token, device, account, version, trust: tru && { epoch: tru.epo, until: tru.exp * 1_000 } };
}

/** The tokens of an answer, from its body or its cookies. */
export function tokensIn(answer: Answer) {
  const cookies = cookiesOf(answer);
  const { accessToken, ...data } = answer.body.data;
  const refreshToken: string = data.refreshToken ?? cookies['__Host-refresh']?.value;
  const deviceToken: string | undefined = data.deviceToken ?? cookies['__Host-device']?.value;
  const { sid, exp } = claimsOf(accessToken);
  const generation: number = claimsOf(refreshToken).gen;
  return {
    access: accessToken as string,
    accessEndsAt: exp * 1_000,
    refreshToken,
    deviceToken,
    sessionId: sid as string,
    generation,
  };
}

/** What a person takes from a mail. */
export const linkTokenIn = (text: string): string | undefined => /(?<=#token=)[\w.~%-]+/.exec(text)?.[0];

/** Outside of links, whose tokens may hold six digits in a row. */
export const codeIn = (text: string): string | undefined =>
  /(?<!\d)\d{6}(?!\d)/.exec(text.replaceAll(/https?:\S+/g, ''))?.[0];
