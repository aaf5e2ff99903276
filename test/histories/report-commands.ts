/** What the mail provider reports later, and what others make up in its name. */
import { Webhook } from 'standardwebhooks';
import { ask } from './client.ts';
import { CAUSED_BY_STRANGERS } from './mail-rules.ts';
import { type Model, OK, refused } from './model.ts';
import { WEBHOOK_SECRET } from './shared-app.ts';
import { type Command, type Letter, lettersOf, pick, type World } from './world.ts';

type What = 'delivered' | 'bounced' | 'is full' | 'complained' | 'suppressed';
export type Report = { do: 'report'; from: number; letter: number; what: What; isForged: boolean };

/** For a mail in the person's mailboxes, of a kind that is remembered whatever happens to the account. */
export function report(world: World, { from, letter, what, isForged }: Report): Command | undefined {
  const mail = pick(lettersOf(world, from, [...CAUSED_BY_STRANGERS, 'reset_password']), letter);
  if (mail === undefined) return undefined;
  const body = JSON.stringify(eventOf(mail, what));
  const headers = signed(body, isForged ? `whsec_${btoa('a secret of somebody else')}` : WEBHOOK_SECRET);
  return {
    send: () => ask(world, 'POST', '//api/v1/webhooks/resend', undefined, { from, raw: body, headers }),
    offline: () => (isForged ? refused(401, 'invalid_signature') : undefined),
    judge(m) {
      if (m.mails.some(({ id }) => id === mail.mail)) note(m, mail.to, what);
      return OK;
    },
  };
}

/** A bounce outweighs a complaint, for it stops more. A full mailbox proves nothing about the address. */
function note(m: Model, address: string, what: What): void {
  if (what === 'bounced' || what === 'suppressed') m.suppressions[address] = 'bounced';
  if (what === 'complained') m.suppressions[address] ??= 'complained';
}

const eventOf = ({ row, to }: Letter, what: What) => ({
  type: `email.${what === 'is full' ? 'bounced' : what}`,
  created_at: new Date().toISOString(),
  data: {
    to: [to],
    tags: { mail: row },
    ...(what === 'bounced' && { bounce: { type: 'Permanent' } }),
    ...(what === 'is full' && { bounce: { type: 'Transient' } }),
  },
});

/** The signature is judged by the time of the real world, not by that of the history. */
function signed(body: string, secret: string): Record<string, string> {
  const [id, at] = [`msg_${crypto.randomUUID()}`, new Date()];
  return {
    'svix-id': id,
    'svix-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'svix-signature': new Webhook(secret).sign(id, at, body),
  };
}
