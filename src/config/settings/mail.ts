/** How mail is sent, and how long what was sent is remembered. */
import { headerText, optionalUrl, url, whole } from '../fields.ts';
import { jobs } from '../setting.ts';

const DAY = 86_400;

export const mail = {
  linkBaseUrl: jobs(
    url('http://localhost:8787'),
    'What links in mails start with: the public origin of the API. Locally it follows PORT.',
  ),
  mailFrom: jobs(
    headerText('Gatehouse <no-reply@gatehouse.example>'),
    'The sender; its domain must be verified at Resend.',
  ),
  resendBaseUrl: jobs(
    optionalUrl,
    'A stand-in for Resend. Local work only; there it is the mailbox by itself.',
  ),
  mailBackoffSeconds: jobs(
    whole(2, 1, 3_600),
    'The wait before the second attempt to send; it doubles from there.',
  ),
  mailTimeoutMs: jobs(whole(10_000, 100, 30_000), 'How long one call of the provider may take.'),
  mailConcurrency: jobs(whole(5, 1, 50), 'Calls of the provider that a batch makes at a time.'),
  mailRetentionSeconds: jobs(whole(30 * DAY, DAY, 365 * DAY), 'How long finished mail is remembered.'),
  mailSuppressionSeconds: jobs(
    whole(180 * DAY, DAY, 3_650 * DAY),
    'How long an address that bounced or complained is not mailed.',
  ),
  eventRetentionDays: jobs(whole(365, 1, 3_650), 'Security events older than this are swept.'),
};
