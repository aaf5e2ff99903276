// The page behind the link of a verification mail. Opening it proves nothing: the token stays in the fragment,
// which no server sees, until the person confirms with the password of the sign-up.
const form = document.querySelector('form');
const status = document.querySelector('[role=status]');
const token = new URLSearchParams(location.hash.slice(1)).get('token');

if (!token) say('This link is incomplete. Open it again from the mail.');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  button.disabled = true;
  say('Confirming…');
  try {
    const response = await fetch('/api/v1/auth/verify-email', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token, password: form.elements.password.value }),
    });
    const { message, detail } = await response.json();
    say(response.ok ? message : detail);
    form.hidden = response.ok;
  } catch {
    say('No answer. Check your connection and try again.');
  }
  button.disabled = false;
});

function say(text) {
  status.textContent = text;
}
