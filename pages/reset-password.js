// The page behind the link of a reset mail. Opening it uses nothing up: the token stays in the fragment, which no
// server sees, until a new password is sent with it.
const form = document.querySelector('form');
const status = document.querySelector('[role=status]');
const token = new URLSearchParams(location.hash.slice(1)).get('token');

if (!token) say('This link is incomplete. Open it again from the mail.');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  button.disabled = true;
  say('Setting the password…');
  try {
    const response = await fetch('/api/v1/auth/reset-password', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token, newPassword: form.elements.password.value }),
    });
    const { message, detail, errors = [] } = await response.json();
    const faults = errors.map((fault) => `The password ${fault.message}.`).join(' ');
    say(response.ok ? message : faults || detail);
    form.hidden = response.ok;
  } catch {
    say('No answer. Check your connection and try again.');
  }
  button.disabled = false;
});

function say(text) {
  status.textContent = text;
}
