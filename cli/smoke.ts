/**
 * `smoke ORIGIN`: checks a deployment through its HTTP API. It signs up, which hashes a password on the deployed
 * platform, and tries to log in with it. With the mailbox of a local stack (SMOKE_MAILBOX), or an account of its own
 * (SMOKE_EMAIL, SMOKE_PASSWORD), it checks everything. It ends at the first failed step, and prints what was expected
 * and what came.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { answer, type Output } from './command.ts';
import { type Answer, type Call, get, PATIENCE_MS, post, ready, unreachable } from './smoke-calls.ts';

type Step = { step: string; expected: string; got: string; ms: number; isRight: boolean };
type Check = { origin: string; output: Output; steps: Step[] };

/** Ends the check. The failed step is the last one. */
class StepFailed extends Error {}

export function addSmoke(program: Command): void {
  const command = program
    .command('smoke')
    .description('check that a deployment works')
    .argument('<origin>', 'such as https://auth.your-domain', originOf);
  command.addHelpText(
    'after',
    '\nSMOKE_EMAIL and SMOKE_PASSWORD, of an account made for this, let it log in; SMOKE_MAILBOX is the mailbox of a local stack.',
  );
  answer<object, [string]>(command, async (output, _, origin) => {
    const check: Check = { origin, output, steps: [] };
    try {
      await smoke(check);
      output.line('All well.');
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      const { step, expected, got } = check.steps.at(-1) ?? { step: '', expected: '', got: '' };
      output.note(`FAILED    ${step}\nexpected  ${expected}\ngot       ${got}`);
      process.exitCode = 1;
    }
    return { origin, isWell: check.steps.every(({ isRight }) => isRight), steps: check.steps };
  });
}

function originOf(text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) return url.origin;
  throw new InvalidArgumentError('It is not an address such as https://auth.your-domain.');
}

async function smoke(check: Check): Promise<void> {
  const { SMOKE_MAILBOX, SMOKE_EMAIL, SMOKE_PASSWORD } = process.env;
  await expectAnswer(check, 'GET /health/ready: is ready', ready, 200);
  await expectAnswer(
    check,
    'GET /.well-known/jwks.json: publishes its keys',
    get('/.well-known/jwks.json'),
    200,
    'a key',
  );
  await expectAnswer(
    check,
    'GET /me: refuses a forged token',
    get('/api/v1/auth/me', 'x'),
    401,
    'invalid_token',
  );

  // A test address of the mail provider, so that no person gets mail.
  const email = `delivered+smoke-${randomBytes(6).toString('hex')}@resend.dev`;
  const password = randomBytes(18).toString('base64url');
  const account = { email, password };
  const signup = await expectAnswer(
    check,
    'POST /signup: signs up',
    post('/signup', { name: 'Smoke', ...account }),
    200,
  );
  await expectAnswer(
    check,
    'POST /login: hashes a password',
    post('/login', account),
    403,
    'email_not_verified',
  );
  if (SMOKE_MAILBOX) {
    const code = await codeFrom(check, SMOKE_MAILBOX, email);
    const proof = { id: signup.body.data?.id, code };
    await expectAnswer(check, 'POST /verify-email: verifies', post('/verify-email', proof), 200);
    await session(check, email, password);
  } else if (SMOKE_EMAIL && SMOKE_PASSWORD) {
    await session(check, SMOKE_EMAIL, SMOKE_PASSWORD);
  } else {
    check.output.line(' skipped  log in: set SMOKE_EMAIL and SMOKE_PASSWORD to an account made for this');
  }
}

async function session(check: Check, email: string, password: string): Promise<void> {
  const login = await expectAnswer(check, 'POST /login: logs in', post('/login', { email, password }), 200);
  const { accessToken, refreshToken } = login.body.data ?? {};
  await expectAnswer(check, 'GET /me: reads the account', get('/api/v1/auth/me', accessToken), 200);
  const refreshed = await expectAnswer(
    check,
    'POST /refresh: refreshes',
    post('/refresh', { refreshToken }),
    200,
  );
  const next = refreshed.body.data ?? {};
  await expectAnswer(
    check,
    'POST /logout: logs out',
    post('/logout', { refreshToken: next.refreshToken }),
    200,
  );
  await expectAnswer(
    check,
    'GET /me: is logged out',
    get('/api/v1/auth/me', next.accessToken),
    401,
    'invalid_token',
  );
}

async function expectAnswer(
  check: Check,
  step: string,
  call: Call,
  status: number,
  code?: string,
): Promise<Answer> {
  const started = performance.now();
  const answered = await call(check.origin).catch((error: unknown) => unreachable(error));
  const ms = Math.round(performance.now() - started);
  const said = typeof answered === 'string' ? answered : described(answered);
  const expected = [status, code].filter(Boolean).join(' ');
  const isRight =
    typeof answered !== 'string' && (code === undefined ? answered.status === status : said === expected);
  check.steps.push({ step, expected, got: said, ms, isRight });
  if (!isRight || typeof answered === 'string') throw new StepFailed();
  check.output.line(`${`${ms} ms`.padStart(8)}  ${step}`);
  return answered;
}

/** The status and the code of a refusal. For a key set: whether there is a key in it. */
function described({ status, body }: Answer): string {
  if (body.keys) return `${status} ${body.keys.length > 0 ? 'a key' : 'no key'}`;
  return [status, body.code].filter(Boolean).join(' ');
}

async function codeFrom(check: Check, mailbox: string, address: string): Promise<string> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(100)) {
    const response = await fetch(new URL(`/api/messages?to=${encodeURIComponent(address)}`, mailbox));
    const [newest] = (await response.json()) as { text: string }[];
    const code = newest?.text.match(/(?<!\d)\d{6}(?!\d)/)?.[0];
    if (code) return code;
  }
  check.steps.push({
    step: 'a mail with the code',
    expected: `a mail to ${address}`,
    got: 'none',
    ms: PATIENCE_MS,
    isRight: false,
  });
  throw new StepFailed();
}
