// A page without a framework: sign up, confirm the address, log in, stay logged in, log out.
import { createGatehouse, GatehouseError, linkToken } from '@gatehouse/client';

/* global AUTH_URL -- where Gatehouse is; filled in by the build */
const auth = createGatehouse({ url: AUTH_URL });
const $ = (selector) => document.querySelector(selector);

const WORDS = {
  email_not_verified: 'Confirm your address first: enter the code of the mail.',
  invalid_credentials: 'The address or the password is wrong.',
  invalid_code: 'That code or link is wrong or too old. Ask for a new one.',
  sign_up_unknown: 'Log in with the password you signed up with, and then enter the code.',
  no_answer: 'No answer. Check your connection and try again.',
};

/** Runs an action and shows the result. A refusal is shown by its code; anything else is a bug of this page. */
async function tell(work, done) {
  try {
    await work();
    $('[role=status]').textContent = done;
    return true;
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    const faults = error.errors.map(({ path, message }) => `${path} ${message}`).join(', ');
    const wait = error.retryAfter ? ` Wait ${error.retryAfter} s.` : '';
    $('[role=status]').textContent = (WORDS[error.code] ?? (faults || error.message)) + wait;
    return false;
  }
}

const DONE = {
  signUp: 'A code is on its way to you.',
  verify: 'The address is confirmed: log in.',
  logIn: '',
  forgotPassword: 'If that address has an account, a link is on its way.',
};

for (const [name, done] of Object.entries(DONE)) {
  $(`#${name}`).addEventListener('submit', async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const isDone = await tell(() => auth[name](Object.fromEntries(new FormData(form))), done);
    if (isDone) form.reset();
  });
}
for (const name of ['logOut', 'logOutEverywhere'])
  $(`#${name}`).addEventListener('click', () => tell(() => auth[name](), 'You are logged out.'));

auth.onChange(async ({ status }) => {
  $('#signedOut').hidden = status !== 'signedOut';
  $('#signedIn').hidden = status !== 'signedIn';
  if (status === 'unknown') $('[role=status]').textContent = WORDS.no_answer;
  if (status !== 'signedIn') return;
  await tell(async () => {
    const [{ name }, sessions] = await Promise.all([auth.account.profile(), auth.account.sessions()]);
    $('#name').textContent = name;
    $('#sessions').replaceChildren(
      ...sessions.map(({ browser, device, current }) =>
        Object.assign(document.createElement('li'), {
          textContent: `${browser} on ${device}${current ? ' (this one)' : ''}`,
        }),
      ),
    );
  }, '');
});

// The paths that mailed links lead to, once LINK_BASE_URL is this page's origin.
const LINKS = {
  '/verify-email': (token, password) => auth.verify({ token, password }),
  '/reset-password': (token, newPassword) => auth.resetPassword({ token, newPassword }),
  '/cancel-email-change': (token) => auth.account.takeBackEmail({ token }),
};
const follow = LINKS[location.pathname];
if (follow) {
  const token = linkToken();
  const form = $('#linked');
  form.hidden = false;
  form.elements.password.closest('label').hidden = location.pathname === '/cancel-email-change';
  form.elements.password.required = location.pathname !== '/cancel-email-change';
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    form.hidden = await tell(() => follow(token, form.elements.password.value), 'Done: log in.');
  });
}
