/** An app whose pages are made on a server: they work without a script, and no token reaches one. */
import { type Context, Hono } from 'hono';
import { csrf } from 'hono/csrf';
import { html } from 'hono/html';
import { accessToken, call, logIn, logOut, type Visit } from './gatehouse.ts';

const words: Record<string, string> = {
  invalid_credentials: 'The address or the password is wrong.',
  login_locked: 'Too many wrong passwords. Wait half an hour, or reset the password.',
  rate_limited: 'Too many tries. Wait a little.',
};

const page = (body: ReturnType<typeof html>) => html`<!doctype html>
  <html lang="en">
    <title>An app made on a server</title>
    <link rel="icon" href="data:," />
    ${body}
  </html>`;

const loginForm = (trouble = '') => html`
  <form method="post" action="/login">
    <p role="status">${trouble}</p>
    <label>Email <input name="email" type="email" autocomplete="username" required /></label>
    <label>Password <input name="password" type="password" autocomplete="current-password" required /></label>
    <button>Log in</button>
  </form>`;

const app = new Hono<Visit>();
// A form of another site must not log anybody in or out.
app.use(csrf());
app.get('/', async (c) => {
  const token = await accessToken(c);
  if (token === undefined) return c.html(page(loginForm()));
  const [me, sessions] = await Promise.all([
    call(c, 'GET', '/me', { token }),
    call(c, 'GET', '/sessions', { token }),
  ]);
  // The session has ended elsewhere: only Gatehouse knows until the access token is old.
  if (me.status === 401) return loggedOut(c);
  const list = (sessions.data.sessions ?? []) as { browser: string | null; device: string | null }[];
  return c.html(
    page(html`
      <h1>Hello, ${me.data.name}</h1>
      <ul>
        ${list.map(({ browser, device }) => html`<li>${browser ?? 'A browser'} on ${device ?? 'a device'}</li>`)}
      </ul>
      <form method="post" action="/logout"><button>Log out</button></form>`),
  );
});
app.post('/login', async (c) => {
  const { email, password } = await c.req.parseBody();
  const code = await logIn(c, String(email), String(password));
  if (code === undefined) return c.redirect('/', 303);
  return c.html(page(loginForm(words[code] ?? 'That did not work. Try again.')), 422);
});
app.post('/logout', loggedOut);

async function loggedOut(c: Context<Visit>): Promise<Response> {
  await logOut(c);
  return c.redirect('/', 303);
}

export default app;
