// The page behind the link of the notice that an address is about to change. Opening it cancels nothing: mail
// scanners open links too. The button does.
const form = document.querySelector('form');
const status = document.querySelector('[role=status]');
const token = new URLSearchParams(location.hash.slice(1)).get('token');

if (!token) say('This link is incomplete. Open it again from the mail.');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  button.disabled = true;
  say('Cancelling…');
  try {
    const response = await fetch('/api/v1/auth/change-email/cancel', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    const { message, detail } = await response.json();
    say(response.ok ? `${message} Now reset your password: whoever asked knew it.` : detail);
    form.hidden = response.ok;
  } catch {
    say('No answer. Check your connection and try again.');
  }
  button.disabled = false;
});

function say(text) {
  status.textContent = text;
}
