/** The languages of mails: one file each, with every sentence. */
import type { MailLanguage } from '../config/settings/mail.ts';
import { de } from './languages/de.ts';
import { en, type Sentences } from './languages/en.ts';

const languages: Record<MailLanguage, Sentences> = { en, de };

/** For a locale such as `de-ch`: its language, or else the one that MAIL_LANGUAGE names. */
export function languageOf(
  locale: string,
  fallback: MailLanguage,
): { language: MailLanguage; sentences: Sentences } {
  const [wanted = ''] = locale.split('-', 1);
  const language = isMailLanguage(wanted) ? wanted : fallback;
  return { language, sentences: languages[language] };
}

const isMailLanguage = (tag: string): tag is MailLanguage => Object.hasOwn(languages, tag);
