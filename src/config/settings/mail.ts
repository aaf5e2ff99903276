/** How mail is sent, and how long what was sent is remembered. */
import { headerText, oneOf, optionalContact, optionalPage, optionalUrl, url, whole } from '../fields.ts';
import { both, jobs } from '../setting.ts';

const DAY = 86_400;

/** Of mails and pages. Each has its file in mail/languages/ and in pages/languages/. */
export const mailLanguages = ['en', 'de'] as const;
export type MailLanguage = (typeof mailLanguages)[number];

export const mail = {
  linkBaseUrl: jobs(
    url('http://localhost:8787'),
    'The beginning of links in mails: the public origin of the API, where PAGES has to be on, or of your own pages. In local work it follows PORT.',
  ),
  mailFrom: jobs(
    headerText('Gatehouse <no-reply@gatehouse.example>'),
    'The sender; its domain must be verified at Resend.',
  ),
  mailLanguage: both(
    oneOf(mailLanguages, 'en'),
    'The language of mails and pages for people whose browser asks for none of ours: `en` or `de`. For mails the browser at sign-up counts.',
  ),
  appUrl: jobs(
    optionalPage,
    'Where people use the product: behind its name in the foot of mails, and the button of notices that have no other. Empty: neither.',
  ),
  supportUrl: both(
    optionalContact,
    'Where people get help: a page, or `mailto:` and an address. In the foot of mails and pages, and in mails that say to write to support. Empty: they lead nowhere for help.',
  ),
  resendBaseUrl: jobs(
    optionalUrl,
    'The URL of a stand-in for Resend. Only for local work, where the local mailbox is the default.',
  ),
  mailBackoffSeconds: jobs(
    whole(2, 1, 3_600),
    'The wait before the second attempt to send. It doubles with each attempt.',
  ),
  mailTimeoutMs: jobs(whole(10_000, 100, 30_000), 'How long one call to the provider may take.'),
  mailConcurrency: jobs(whole(5, 1, 50), 'How many calls to the provider a batch makes at a time.'),
  mailRetentionSeconds: jobs(
    whole(30 * DAY, DAY, 365 * DAY),
    'How long finished mail is kept in the outbox.',
  ),
  mailSuppressionSeconds: jobs(
    whole(180 * DAY, DAY, 3_650 * DAY),
    'How long an address gets no mail after a bounce or a complaint.',
  ),
  eventRetentionDays: jobs(whole(365, 1, 3_650), 'Security events older than this are deleted.'),
};
