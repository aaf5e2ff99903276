/**
 * What Resend accepts at `POST /emails`, and how it refuses the rest: its statuses, names and messages. The jobs
 * Worker decides by them whether to try again.
 */
import { z } from 'zod';

const MAX_RECIPIENTS = 50;
const MAX_KEY_LENGTH = 256;

/** `ada@example.com` or `Ada <ada@example.com>`. */
const address = z.string().regex(/^([^<>]*<[^@\s<>]+@[^@\s<>]+>|[^@\s<>]+@[^@\s<>]+)$/);
const recipients = z.union([address.transform((one) => [one]), z.array(address).min(1).max(MAX_RECIPIENTS)]);

const email = z.object({
  from: address,
  to: recipients,
  subject: z.string().min(1),
  html: z.string().default(''),
  text: z.string().default(''),
  headers: z.record(z.string(), z.string()).default({}),
  tags: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
});

export type Mail = z.infer<typeof email>;
export type Fault = { statusCode: 400 | 401 | 409 | 422; name: string; message: string };

export function readMail(body: string): Mail | Fault {
  const payload = parseObject(body);
  if (!payload) return fault(400, 'validation_error', 'The body is not a JSON object.');

  const missing = ['from', 'to', 'subject'].find((name) => !payload[name]);
  if (missing) return missingField(`\`${missing}\``);
  if (!payload.html && !payload.text) return missingField('`html` or `text`');

  const mail = email.safeParse(payload);
  if (mail.success) return mail.data;
  return fault(422, 'validation_error', `Invalid \`${mail.error.issues[0]?.path[0]?.toString()}\` field.`);
}

export function faultOfHeaders(authorization: string | undefined, key: string | null): Fault | undefined {
  if (!/^Bearer \S/.test(authorization ?? '')) {
    return fault(401, 'missing_api_key', 'Missing API key in the authorization header.');
  }
  if (key !== null && (key.length < 1 || key.length > MAX_KEY_LENGTH)) {
    return fault(400, 'invalid_idempotency_key', `The key must be between 1-${MAX_KEY_LENGTH} chars.`);
  }
  return undefined;
}

export function reusedKey(): Fault {
  const message = 'Same idempotency key used with a different request payload.';
  return fault(409, 'invalid_idempotent_request', message);
}

function missingField(names: string): Fault {
  return fault(422, 'missing_required_field', `Missing ${names} field.`);
}

function fault(statusCode: Fault['statusCode'], name: string, message: string): Fault {
  return { statusCode, name, message };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
