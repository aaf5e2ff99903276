/** What a mail is made of: a template gives a Content, the layout makes the Message that the provider is given. */

/** One recipient; no header of it ever holds a line break (ports/mailer.ts refuses one). */
export type Message = { subject: string; html: string; text: string };

/** The tag that a letter carries its outbox id in: the provider's webhook names our row by it. */
export const MAIL_TAG = 'mail';

/** The sender's side of every template. */
export type Brand = { productName: string };

/** A paragraph, a code to type, a link to follow, or facts such as when and from where. */
export type Block =
  | { paragraph: string }
  | { code: string }
  | { link: string; label: string }
  | { facts: [name: string, value: string][] }
  /** Small print. */
  | { note: string };

/** `preview` is what a mail program shows beside the subject. */
export type Content = { subject: string; preview: string; blocks: Block[] };

/** The words of one language. Values come from rows and configuration, never from the clock: see compose.ts. */
export type Words<Values> = (values: Values, brand: Brand) => Content;

/** A template in every language there is; English is always there. To add one, add its tag beside `en`. */
export type Template<Values> = { en: Words<Values>; [language: string]: Words<Values> };

/** The words for a locale such as `de-CH`: its own, its language's, or English. */
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
