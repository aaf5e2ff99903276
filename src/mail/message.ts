/** The parts of a mail: a template gives a `Content`, and the layout makes the `Message` for the provider. */
import type { JobsConfig } from '../config/read.ts';
import type { Sentences } from './languages/en.ts';

/** For one recipient. No header ever has a line break (ports/mailer.ts refuses it). */
export type Message = { subject: string; html: string; text: string };

/** The tag with the outbox id. The webhook of the provider names our row by it. */
export const MAIL_TAG = 'mail';

/** What every mail knows about its sender. `appUrl` and `supportUrl` may be undefined: then nothing leads there. */
export type Sender = Pick<JobsConfig, 'productName' | 'linkBaseUrl' | 'appUrl' | 'supportUrl'>;

/** A paragraph, a code, a link, or facts such as the time and the network. */
export type Block =
  | { paragraph: string }
  | { code: string }
  | { link: string; label: string }
  | { facts: [name: string, value: string][] }
  /** Small print. */
  | { note: string };

/** `preview` is what a mail program shows beside the subject; `heading` stands above the mail in place of the subject. */
export type Content = { subject: string; heading?: string; preview: string; blocks: Block[] };

/** Which sentences, in which order. Its values come from rows and configuration, never from the clock (compose.ts). */
export type Template<Values> = (values: Values, sentences: Sentences, sender: Sender) => Content;

/** A page of ours, below the address that links begin with. */
export const pageOf = ({ linkBaseUrl }: Pick<Sender, 'linkBaseUrl'>, path: string): string =>
  `${linkBaseUrl.replace(/\/$/, '')}${path}`;
