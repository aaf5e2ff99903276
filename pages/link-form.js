// What every page behind a mailed link does: opening it changes nothing. The token stays in the fragment, which no
// server sees, until the person sends the form; mail scanners open links, but they press no button.
const form = document.querySelector('form');
const status = document.querySelector('[role=status]');
const token = new URLSearchParams(location.hash.slice(1)).get('token');

if (!token) say('This link is incomplete. Open it again from the mail.');

/** Sends the token with what `fieldsOf` takes from the form; `tell` words the answer. */
export function sendLink({ path, busy, fieldsOf = () => ({}), tell = plainly }) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('button');
    button.disabled = true;
    say(busy);
    try {
      const response = await fetch(`/api/v1/auth${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ token, ...fieldsOf(form.elements) }),
      });
      say(tell(response.ok, await response.json()));
      form.hidden = response.ok;
    } catch {
      say('No answer. Check your connection and try again.');
    }
    button.disabled = false;
  });
}

function plainly(isOk, { message, detail }) {
  return isOk ? message : detail;
}

function say(text) {
  status.textContent = text;
}
