/**
 * POST /api/v1/webhooks/resend: reports of the mail provider about sent mail. They are signed (Standard Webhooks,
 * HMAC-SHA256 over id, time and raw body, with five minutes of tolerance). Without a valid signature nothing is parsed
 * and no trip is made. This route is not in the OpenAPI document, and it is not served without a secret.
 */
import type { Hono } from 'hono';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { readText } from '../http/body.ts';
import type { AppEnv } from '../http/context.ts';
import { spendLimits } from '../http/limit.ts';
import { readReport } from '../mail/report.ts';
import { Refusal } from '../refusal.ts';
import { recordReport } from '../store/mail-reports.ts';

const LIMIT_BYTES = 65_536;
const SIGNED_HEADERS = ['id', 'timestamp', 'signature'] as const;

export function mountResendWebhook(app: Hono<AppEnv>): void {
  app.post('/api/v1/webhooks/resend', async (c) => {
    const { config, db, now } = c.get('deps');
    if (config.resendWebhookSecret === undefined) throw new Refusal('not_found');
    await spendLimits(c, ['webhook']);
    const body = await readText(c.req.raw, { bytes: LIMIT_BYTES, ms: config.bodyTimeoutMs });
    // Resend uses the header names of Svix; the library expects those of the standard.
    const headers = SIGNED_HEADERS.map(
      (name) => [`webhook-${name}`, c.req.header(`svix-${name}`) ?? ''] as const,
    );
    const report = readReport(verified(config.resendWebhookSecret, body, Object.fromEntries(headers)));
    if (report) await recordReport(db, report, now());
    return c.json({ status: 200, message: 'Noted.', data: null });
  });
}

/** @throws Refusal `invalid_signature`, `malformed_json` */
function verified(secret: string, body: string, headers: Record<string, string>): unknown {
  try {
    return new Webhook(secret).verify(body, headers);
  } catch (error) {
    if (error instanceof WebhookVerificationError) throw new Refusal('invalid_signature');
    throw new Refusal('malformed_json');
  }
}
