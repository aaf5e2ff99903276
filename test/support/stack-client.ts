/** Steps through the front door of a stack that runs by itself: its API, and the mailbox beside it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Person, person } from './person.ts';

export type Place = { api: string; mailbox: string };

export const json = (body: unknown) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});

/** `data` of an answer that must be a success. */
export async function post<T = Record<string, string>>(
  { api }: Pick<Place, 'api'>,
  path: string,
  body: unknown,
  token = '',
): Promise<T> {
  const { headers, ...request } = json(body);
  const response = await fetch(`${api}/api/v1/auth${path}`, {
    ...request,
    headers: { ...headers, ...(token && { Authorization: `Bearer ${token}` }) },
  });
  const answer = (await response.json()) as { data: T };
  expect(response.status, JSON.stringify(answer)).toBe(200);
  return answer.data;
}

type Mail = { text: string };

/** The newest mail to an address, as soon as there are `count`. */
export const mailTo = (place: Pick<Place, 'mailbox'>, address: string, count = 1): Promise<Mail> =>
  found(place, address, (mails) => (mails.length >= count ? mails[0] : undefined));

/** The newest mailed link that leads to a path: mails of other kinds may come before and after it. */
export async function linkTo(place: Pick<Place, 'mailbox'>, address: string, path: string): Promise<string> {
  const link = new RegExp(`http\\S+${path}#token=\\S+`);
  const { text } = await found(place, address, (mails) => mails.find((mail) => link.test(mail.text)));
  return link.exec(text)?.[0] ?? '';
}

/** `which` has the newest first. */
async function found(
  { mailbox }: Pick<Place, 'mailbox'>,
  address: string,
  which: (mails: Mail[]) => Mail | undefined,
): Promise<Mail> {
  for (const deadline = Date.now() + 100_000; Date.now() < deadline; await sleep(100)) {
    const response = await fetch(`${mailbox}/api/messages?to=${encodeURIComponent(address)}`);
    const mail = which((await response.json()) as Mail[]);
    if (mail) return mail;
  }
  throw new Error(`No such mail to ${address}.`);
}

export const codeIn = ({ text }: { text: string }): string => /\b\d{6}\b/.exec(text)?.[0] ?? '';

/** Someone with an account there. */
export async function residentAt(place: Place, who = person()): Promise<Person> {
  const { id } = await post(place, '/signup', who);
  await post(place, '/verify-email', { id, code: codeIn(await mailTo(place, who.email)) });
  return who;
}
