/**
 * A stand-in for Resend: it answers as Resend does, and sends nothing. All mail goes to the mailbox, as JSON or on the
 * page at `/`. On request it fails as a provider may fail.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Context, Hono } from 'hono';
import { Hangup, type Served, serveLoopback } from '../tooling/loopback.ts';
import { faultOrder, MailboxFaults } from './mailbox-faults.ts';
import { mailboxPage } from './mailbox-page.ts';
import { MailboxStore, type Message } from './mailbox-store.ts';
import { faultOfHeaders, readMail, reusedKey } from './resend-request.ts';

/** The outbox for the page. The stack reads it from the database. */
export type OutboxView = () => Promise<unknown[]>;

type Options = { port: number; file?: string; outbox?: OutboxView };

/** Longer than any of our clients waits. */
const SILENCE_MS = 60_000;

/** Without a file the mail is kept in memory. */
export function serveMailbox({ port, file, outbox = async () => [] }: Options): Promise<Served> {
  const store = new MailboxStore(file);
  const faults = new MailboxFaults();
  const app = new Hono()
    .route('/', resendApi(store, faults))
    .route('/api/messages', messagesApi(store))
    .route('/api', faultsApi(faults))
    .get('/api/outbox', async (c) => c.json(await outbox()))
    .route('/', mailboxPage(store))
    .onError((error) => {
      throw error;
    });
  return serveLoopback((request) => app.fetch(request), port);
}

function resendApi(store: MailboxStore, faults: MailboxFaults): Hono {
  return new Hono().post('/emails', async (c) => {
    const key = c.req.header('idempotency-key') ?? null;
    const mail = faultOfHeaders(c.req.header('authorization'), key) ?? readMail(await c.req.text());
    if ('statusCode' in mail) return c.json(mail, mail.statusCode);
    const to = addressOf(mail.to[0] ?? '');
    const fault = faults.faultFor(to);
    if (fault) faults.record({ to, idempotencyKey: key, outcome: fault.kind });
    switch (fault?.kind) {
      case '429':
        c.header('retry-after', String(fault.retryAfterSeconds));
        return refuse(c, 429, 'rate_limit_exceeded', 'Too many requests.');
      case '500':
        return refuse(c, 500, 'internal_server_error', 'An unexpected error occurred.');
      case 'refused':
        return refuse(c, 422, 'validation_error', 'Invalid `to` field.');
      case 'timeout':
        await sleep(SILENCE_MS, undefined, { ref: false });
        throw new Hangup();
      case 'slow':
        await sleep(fault.slowSeconds * 1_000, undefined, { ref: false });
        break;
      case 'down':
        throw new Hangup();
      case 'drop':
        store.accept(mail, key);
        throw new Hangup();
    }
    const sent = store.accept(mail, key);
    const outcome = sent ? (sent.repeated ? 'repeated' : 'accepted') : 'reused key';
    faults.record({ to, idempotencyKey: key, outcome });
    return sent ? c.json({ id: sent.id }) : c.json(reusedKey(), 409);
  });
}

const refuse = (c: Context, statusCode: 422 | 429 | 500, name: string, message: string) =>
  c.json({ statusCode, name, message }, statusCode);

/** A recipient without its display name. */
function addressOf(recipient: string): string {
  return (/<(.+)>$/.exec(recipient)?.[1] ?? recipient).toLowerCase();
}

function faultsApi(faults: MailboxFaults): Hono {
  return new Hono()
    .get('/attempts', (c) => c.json(faults.attempts(c.req.query('to')?.toLowerCase())))
    .get('/failures', (c) => c.json(faults.orders()))
    .put('/failures', async (c) => {
      const order = faultOrder.safeParse(await c.req.json().catch(() => null));
      if (!order.success) return c.json({ message: order.error.message }, 422);
      faults.order(order.data);
      return c.json(faults.orders());
    })
    .delete('/failures', (c) => {
      faults.clear(c.req.query('to'));
      return c.body(null, 204);
    });
}

function messagesApi(store: MailboxStore): Hono {
  return new Hono()
    .get('/', (c) => {
      const to = c.req.query('to')?.toLowerCase();
      const messages = store
        .messages()
        .filter(({ mail }) => !to || mail.to.some((one) => addressOf(one) === to));
      return c.json(messages.map(summary));
    })
    .delete('/', (c) => {
      store.clear();
      return c.body(null, 204);
    });
}

function summary({ id, receivedAt, idempotencyKey, mail }: Message) {
  const { to, from, subject, text, html } = mail;
  return { id, to: to.join(', '), from, subject, text, html, receivedAt, idempotencyKey };
}
