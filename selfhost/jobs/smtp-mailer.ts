/**
 * The second mailer, for those who have no Resend: any mail server, by SMTP. The outbox is the same, and one sender
 * claims a mail. But SMTP has no idempotency key: when the answer to the end of a mail is lost, nobody knows whether the
 * mail was accepted, and the next attempt may send it twice. Both then carry the same Message-ID.
 */
import { createTransport } from 'nodemailer';
import { AUTOMATIC, type Delivery, type Mailer, unsafeHeader } from '../../src/ports/mailer.ts';

type Settings = { url: string; isTlsNeeded: boolean; timeoutMs: number };

/** What nodemailer adds to an error. */
type SmtpError = Error & { code?: string; responseCode?: number; syscall?: string };

/** A greylist lets a mail in when it comes again after some minutes (RFC 6647 section 2). */
const LATER_SECONDS = 300;
/** The server could not be asked, or did not want to talk: that is nobody's attempt. */
const PAUSE_SECONDS = 15;
const OUR_FAULT_SECONDS = 60;

export function smtpMailer({ url, isTlsNeeded, timeoutMs }: Settings): Mailer {
  const transport = createTransport({
    url,
    requireTLS: isTlsNeeded,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // Mails are made of text alone; nothing in one may name a file or an address to be read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ idempotencyKey, to, from, subject, text, html }) {
      const unsafe = unsafeHeader({ to, from, subject });
      if (unsafe) return unsafe;
      const messageId = `<${idempotencyKey}@${/@([^@>\s]+)>?\s*$/.exec(from)?.[1] ?? 'localhost'}>`;
      const signal = AbortSignal.timeout(timeoutMs);
      // As an object, an address is not read as a list.
      const letter = {
        from,
        to: { name: '', address: to },
        subject,
        text,
        html,
        messageId,
        headers: AUTOMATIC,
      };
      try {
        await transport.sendMail({ ...letter, signal });
        return { result: 'sent', providerId: messageId };
      } catch (error) {
        return signal.aborted ? { result: 'retry', failure: 'timeout' } : judge(error as SmtpError);
      }
    },
  };
}

/** A server may quote the mail in its words. So only its code and the name of the failure are kept. */
function judge({ code = 'unknown', responseCode, syscall }: SmtpError): Delivery {
  if (/^E(NO)?AUTH|^EOAUTH2|^ETLS|^ECONFIG/.test(code))
    return {
      result: 'throttled',
      failure: `${responseCode ?? 'no'} ${code}`,
      afterSeconds: OUR_FAULT_SECONDS,
    };
  if (code === 'EDNS' || syscall === 'connect')
    return { result: 'throttled', failure: `not reached ${code}`, afterSeconds: PAUSE_SECONDS };
  // Also when the connection broke after the mail: it may have arrived.
  if (responseCode === undefined) return { result: 'retry', failure: `no answer ${code}` };
  const failure = `${responseCode} ${code}`;
  const isAboutTheMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  if (responseCode >= 500 && isAboutTheMail) return { result: 'refused', failure };
  if (responseCode >= 400 && isAboutTheMail) return { result: 'retry', failure, afterSeconds: LATER_SECONDS };
  return { result: 'throttled', failure, afterSeconds: OUR_FAULT_SECONDS };
}
