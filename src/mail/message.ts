/** The parts of a mail: a template gives a `Content`, and the layout makes the `Message` for the provider. */

/** For one recipient. No header ever has a line break (ports/mailer.ts refuses it). */
export type Message = { subject: string; html: string; text: string };

/** The tag with the outbox id. The webhook of the provider names our row by it. */
export const MAIL_TAG = 'mail';

/** What every template knows about the sender. */
export type Brand = { productName: string };

/** A paragraph, a code, a link, or facts such as the time and the network. */
export type Block =
  | { paragraph: string }
  | { code: string }
  | { link: string; label: string }
  | { facts: [name: string, value: string][] }
  /** Small print. */
  | { note: string };

/** `preview` is what a mail program shows beside the subject. */
export type Content = { subject: string; preview: string; blocks: Block[] };

/** A template in one language. Its values come from rows and configuration, never from the clock (compose.ts). */
export type Words<Values> = (values: Values, brand: Brand) => Content;

/** A template in all its languages. English is always there. To add a language, add its tag beside `en`. */
export type Template<Values> = { en: Words<Values>; [language: string]: Words<Values> };

/** The words for a locale such as `de-CH`: of the locale, of its language, or in English. */
export function inLanguage<Values>(
  template: Template<Values>,
  locale: string,
): { language: string; words: Words<Values> } {
  for (const language of [locale, locale.split('-', 1)[0] ?? '']) {
    const words = Object.hasOwn(template, language) ? template[language] : undefined;
    if (words) return { language, words };
  }
  return { language: 'en', words: template.en };
}
