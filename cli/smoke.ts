/**
 * `npm run smoke -- https://auth.your-domain`: what must work right after a deployment, through the front door. Signs
 * up, which hashes a password on the platform that was deployed to, and tries to log in with it; with the mailbox of a
 * local stack (SMOKE_MAILBOX), or an account of its own (SMOKE_EMAIL, SMOKE_PASSWORD), it goes all the way.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

type Answer = {
  status: number;
  ms: number;
  body: { code?: string; data?: Record<string, string>; keys?: unknown[] };
};

const [origin] = process.argv.slice(2);
if (!origin || !URL.canParse(origin)) {
  console.error('Say where: npm run smoke -- https://auth.your-domain');
  process.exit(1);
}
const { SMOKE_MAILBOX, SMOKE_EMAIL, SMOKE_PASSWORD } = process.env;
const TIMEOUT_MS = 10_000;

try {
  await smoke();
  console.log('All well.');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function smoke(): Promise<void> {
  await expectAnswer('ready', get('/health/ready'), 200);
  const jwks = await expectAnswer('publishes its keys', get('/.well-known/jwks.json'), 200);
  if (!jwks.body.keys?.length) throw new Error('FAILED: the JWKS is empty.');
  await expectAnswer('refuses a stranger', get('/api/v1/auth/me', 'x'), 401, 'invalid_token');

  // An address of the mail provider that takes everything, so that no person is written to.
  const email = `delivered+smoke-${randomBytes(6).toString('hex')}@resend.dev`;
  const password = randomBytes(18).toString('base64url');
  const signup = await expectAnswer('signs up', post('/signup', { name: 'Smoke', email, password }), 200);
  await expectAnswer('hashes', post('/login', { email, password }), 403, 'email_not_verified');
  if (SMOKE_MAILBOX) {
    const code = await codeFrom(SMOKE_MAILBOX, email);
    await expectAnswer('verifies', post('/verify-email', { id: signup.body.data?.id, code }), 200);
    await session(email, password);
  } else if (SMOKE_EMAIL && SMOKE_PASSWORD) {
    await session(SMOKE_EMAIL, SMOKE_PASSWORD);
  } else {
    console.log('skipped  log in: set SMOKE_EMAIL and SMOKE_PASSWORD to an account made for this');
  }
}

async function session(email: string, password: string): Promise<void> {
  const login = await expectAnswer('logs in', post('/login', { email, password }), 200);
  await expectAnswer('reads the account', get('/api/v1/auth/me', login.body.data?.accessToken), 200);
  const { refreshToken } = login.body.data ?? {};
  const refreshed = await expectAnswer('refreshes', post('/refresh', { refreshToken }), 200);
  await expectAnswer('logs out', post('/logout', { refreshToken: refreshed.body.data?.refreshToken }), 200);
  await expectAnswer(
    'is logged out',
    get('/api/v1/auth/me', refreshed.body.data?.accessToken),
    401,
    'invalid_token',
  );
}

async function expectAnswer(
  what: string,
  call: Promise<Answer>,
  status: number,
  code?: string,
): Promise<Answer> {
  const answer = await call;
  const isRight = answer.status === status && (code === undefined || answer.body.code === code);
  if (!isRight)
    throw new Error(
      `FAILED: ${what}: ${answer.status} ${answer.body.code ?? ''}, not ${status} ${code ?? ''}.`,
    );
  console.log(`${`${answer.ms} ms`.padStart(8)}  ${what}`);
  return answer;
}

function get(path: string, token?: string): Promise<Answer> {
  return send(path, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } });
}

function post(path: string, body: unknown): Promise<Answer> {
  return send(`/api/v1/auth${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function send(path: string, init: RequestInit): Promise<Answer> {
  const started = performance.now();
  const response = await fetch(new URL(path, origin), { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const body = (await response.json().catch(() => ({}))) as Answer['body'];
  return { status: response.status, ms: Math.round(performance.now() - started), body };
}

async function codeFrom(mailbox: string, address: string): Promise<string> {
  for (const deadline = Date.now() + TIMEOUT_MS; Date.now() < deadline; await sleep(100)) {
    const response = await fetch(new URL(`/api/messages?to=${encodeURIComponent(address)}`, mailbox));
    const [newest] = (await response.json()) as { text: string }[];
    const code = newest?.text.match(/(?<!\d)\d{6}(?!\d)/)?.[0];
    if (code) return code;
  }
  throw new Error('FAILED: no mail came.');
}
