/**
 * The README's command as a newcomer runs it, in a copy of the checkout: from nothing to a logged-out person, with
 * real workerd, both Workers, the queue between them and the mailbox; then Ctrl-C, which leaves nothing running.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAddress } from '../../tooling/stack-note.ts';
import { copyCheckout } from '../support/checkout.ts';
import { type Command, freePorts, startCommand } from '../support/command.ts';
import { json, mailTo, post } from '../support/stack-client.ts';

const { folder, remove } = copyCheckout();
let dev: Command;
let api: string;
let mailbox: string;
let admin: string;

beforeAll(async () => {
  const [port, mailboxPort, adminPort] = await freePorts(3);
  admin = `http://localhost:${adminPort}`;
  api = `http://localhost:${port}`;
  mailbox = `http://localhost:${mailboxPort}`;
  await start({
    PORT: String(port),
    MAILBOX_PORT: String(mailboxPort),
    ADMIN_PORT: String(adminPort),
    ACCESS_TOKEN_SECONDS: '60',
  });
});

afterAll(async () => {
  await dev.stop();
  remove();
});

test('it is ready as soon as it says that it runs', async () => {
  // Each check has a second, which a busy machine may not give it.
  await expect.poll(async () => (await fetch(`${api}/health/ready`)).status).toBe(200);
  expect(dev.output()).toMatch(/Starting database.*Gatehouse is running/s);
});

test('the command says where everything is and what to try', () => {
  expect(dev.output()).toContain(`API       ${api}`);
  expect(dev.output()).toContain(`${api}/api-docs`);
  expect(dev.output()).toContain(mailbox);
  expect(dev.output()).toContain(`curl ${api}/api/v1/auth/signup`);
});

test('its secrets are for their owner alone, and so is what each Worker is told', () => {
  for (const file of ['.dev.vars', 'src/jobs/.dev.vars', '.data/wrangler/.dev.vars'])
    expect(statSync(join(folder, file)).mode & 0o777, file).toBe(0o600);
  const ofJobs = readFileSync(join(folder, 'src/jobs/.dev.vars'), 'utf8');
  expect(ofJobs).toContain('RESEND_API_KEY');
  expect(ofJobs).not.toContain('REFRESH_TOKEN_SECRETS');
});

test('the journey runs through both Workers and the queue to the mailbox', async () => {
  const ada = { name: 'Ada', email: 'ada@example.com', password: 'a long and quiet river' };
  const { id } = await post({ api }, '/signup', ada);
  const mail = await mailTo({ mailbox }, ada.email);
  const [code] = mail.text.match(/\d{6}/) ?? [];
  await post({ api }, '/verify-email', { id, code });

  const login = await post<{ accessToken: string; refreshToken: string; expiresIn: number }>(
    { api },
    '/login',
    {
      email: ada.email,
      password: ada.password,
    },
  );
  const { accessToken, refreshToken } = login;
  expect(login.expiresIn, 'set in the environment of the command').toBe(60);
  expect((await me(accessToken)).status).toBe(200);
  const refreshed = await post({ api }, '/refresh', { refreshToken });
  await post({ api }, '/logout', { refreshToken: refreshed.refreshToken });
  expect((await me(refreshed.accessToken)).status).toBe(401);
});

test('passwords are stored at their full price, which other tests do not pay', async () => {
  const address = JSON.parse(readFileSync(join(folder, '.data/stack.json'), 'utf8'));
  const [ada] = await openAddress(address).execute(
    sql`SELECT password_hash AS hash FROM users WHERE email = 'ada@example.com'`,
  );
  expect(ada?.hash).toMatch(/^\$scrypt\$ln=14,r=8,p=5,/);
});

test('the smoke script walks the whole journey, and notices when it fails', async () => {
  // Not synchronously: connections that the stack closes meanwhile must be seen to be closed.
  const smoke = (origin: string) =>
    new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
      const env = { PATH: process.env.PATH, SMOKE_MAILBOX: mailbox };
      execFile(process.execPath, ['cli/main.ts', 'smoke', origin], { env }, (error, stdout, stderr) =>
        resolve({ status: Number(error?.code ?? 0), stdout, stderr }),
      );
    });
  const { status, stdout, stderr } = await smoke(api);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('is logged out');
  expect(await smoke(mailbox)).toMatchObject({
    status: 1,
    stderr: 'FAILED    GET /health/ready: is ready\nexpected  200\ngot       404\n',
  });
});

test('a mailed link leads to a page, and opening it proves nothing', async () => {
  const eve = { name: 'Eve', email: 'eve@example.com', password: 'a long and quiet river' };
  await post({ api }, '/signup', eve);
  const { text } = await mailTo({ mailbox }, eve.email);
  const [link = ''] = text.match(/http\S+#token=\S+/) ?? [];
  expect(link.startsWith(`${api}/verify-email#token=`)).toBe(true);

  const page = await fetch(link);
  expect(page.status).toBe(200);
  expect(page.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
  expect(await page.text()).toContain('data-settings=');
  const attempt = await fetch(`${api}/api/v1/auth/login`, json({ email: eve.email, password: eve.password }));
  expect(attempt.status).toBe(403);
});

test('the documents are served by the Worker itself', async () => {
  const document = (await (await fetch(`${api}/openapi.json`)).json()) as { openapi: string; paths: object };
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toContain('/api/v1/auth/login');
  const page = await (await fetch(`${api}/api-docs`)).text();
  const urls = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url);
  expect(urls.length).toBeGreaterThan(1);
  for (const url of urls) {
    expect(url).toMatch(/^\//);
    expect((await fetch(api + url)).status).toBe(200);
  }
});

test('a client that hangs up during its hash holds nobody up', async () => {
  // Each for an address of its own: this is not about lockout.
  const attempt = () =>
    json({ email: `${crypto.randomUUID()}@example.com`, password: 'a long and quiet river' });
  for (let round = 0; round < 3; round++) {
    const hangUps = Array.from({ length: 4 }, (_, index) =>
      fetch(`${api}/api/v1/auth/login`, { ...attempt(), signal: AbortSignal.timeout(20 + 40 * index) }).catch(
        () => {},
      ),
    );
    await Promise.all(hangUps);
  }
  // A place that was never given back would be missing for ever.
  const login = async () =>
    (await fetch(`${api}/api/v1/auth/login`, { ...attempt(), signal: AbortSignal.timeout(20_000) })).status;
  await expect.poll(login, { interval: 1_000 }).toBe(401);
});

test('an operator finds, and logs out, whom the stand-in for Access lets in', async () => {
  const own = { 'X-Gatehouse-Admin': '1', Origin: admin };
  const found = await fetch(`${admin}/api/people?search=ada@`, { headers: own });
  const { people } = (await found.json()) as { people: { id: string; email: string }[] };
  expect(people).toMatchObject([{ email: 'ada@example.com', state: 'active' }]);
  const logout = await fetch(`${admin}/api/people/${people[0]?.id}/logout`, {
    method: 'POST',
    headers: { ...own, 'Content-Type': 'application/json' },
    body: '{"reason":"ticket 4711"}',
  });
  expect(logout.status).toBe(200);
  // Past the stand-in there is nothing to be had: not with a name, and not with a JWT of somebody else.
  for (const forged of [
    'operator@localhost',
    `${btoa('{"alg":"none"}')}.${btoa('{"email":"bob@example.com"}')}.`,
  ]) {
    const headers = { ...own, 'Cf-Access-Jwt-Assertion': forged };
    expect((await fetch(`${api}/.local-admin-worker/api/people?search=ada@`, { headers })).status).toBe(401);
  }
  expect(await (await fetch(admin)).text()).toContain('stand-in for Cloudflare Access');
});

test('Ctrl-C leaves nothing running, and what was stored is there after the next start', async () => {
  const started = descendants(dev.pid);
  expect(started.length).toBeGreaterThan(2);
  await dev.stop();
  await expect.poll(() => running().filter((one) => started.includes(one.id))).toEqual([]);
  expect(existsSync(join(folder, 'src/jobs/.dev.vars'))).toBe(false);
  expect(readFileSync(join(folder, '.dev.vars'), 'utf8')).not.toContain('DATABASE_URL');

  await start({
    PORT: new URL(api).port,
    MAILBOX_PORT: new URL(mailbox).port,
    ADMIN_PORT: new URL(admin).port,
  });
  const login = await fetch(
    `${api}/api/v1/auth/login`,
    json({ email: 'ada@example.com', password: 'a long and quiet river' }),
  );
  expect(login.status).toBe(200);
  await dev.stop();
});

async function start(env: Record<string, string>): Promise<void> {
  // A busy machine is no database that is down.
  dev = startCommand(folder, ['npm', 'run', 'dev'], { DATABASE_TIMEOUT_MS: '20000', ...env });
  await dev.untilSaid('Ctrl-C stops');
}

type Running = { id: string; pid: number; parent: number };

/** All processes. A number is given again one day, so the time of the start is a part of the id. */
function running(): Running[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,lstart='], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , state]) => !state?.startsWith('Z'))
    .map(([pid, parent, , ...at]) => ({
      id: [pid, ...at].join(' '),
      pid: Number(pid),
      parent: Number(parent),
    }));
}

function descendants(pid: number, all = running()): string[] {
  const children = all.filter(({ parent }) => parent === pid);
  return [...children.map(({ id }) => id), ...children.flatMap((child) => descendants(child.pid, all))];
}

const me = (token = '') => fetch(`${api}/api/v1/auth/me`, { headers: { Authorization: `Bearer ${token}` } });
