/**
 * Stand-in for Resend: answers as Resend does, and sends nothing. Every mail lands in the mailbox, to be read
 * as JSON or on the page at `/`.
 */
import { Hono } from 'hono';
import { type Served, serveLoopback } from './loopback.ts';
import { mailboxPage } from './mailbox-page.ts';
import { MailboxStore, type Message } from './mailbox-store.ts';
import { faultOfHeaders, readMail, reusedKey } from './resend-request.ts';

/** Without a file the mail is kept in memory. */
export function serveMailbox({ port, file }: { port: number; file?: string }): Promise<Served> {
  const store = new MailboxStore(file);
  const app = new Hono()
    .route('/', resendApi(store))
    .route('/api/messages', messagesApi(store))
    .route('/', mailboxPage(store));
  return serveLoopback((request) => app.fetch(request), port);
}

function resendApi(store: MailboxStore): Hono {
  return new Hono().post('/emails', async (c) => {
    const key = c.req.header('idempotency-key') ?? null;
    const mail = faultOfHeaders(c.req.header('authorization'), key) ?? readMail(await c.req.text());
    const answer = 'statusCode' in mail ? mail : (store.accept(mail, key) ?? reusedKey());
    return 'statusCode' in answer ? c.json(answer, answer.statusCode) : c.json({ id: answer.id });
  });
}

function messagesApi(store: MailboxStore): Hono {
  return new Hono()
    .get('/', (c) => {
      const to = c.req.query('to')?.toLowerCase();
      const messages = store.messages().filter(({ mail }) => !to || mail.to.some((one) => isFor(one, to)));
      return c.json(messages.map(summary));
    })
    .delete('/', (c) => {
      store.clear();
      return c.body(null, 204);
    });
}

function isFor(recipient: string, address: string): boolean {
  const written = recipient.toLowerCase();
  return written === address || written.endsWith(`<${address}>`);
}

function summary({ id, receivedAt, idempotencyKey, mail }: Message) {
  const { to, subject, text, html } = mail;
  return { id, to: to.join(', '), subject, text, html, receivedAt, idempotencyKey };
}
