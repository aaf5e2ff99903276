// A form of one of our pages: sends it to the API and says what came of it.
const form = document.querySelector('form');
const status = document.querySelector('[role=status]');

/** Sends what `fieldsOf` takes from the form; `tell` words the answer. */
export function sendForm({ path, busy, fieldsOf, tell = plainly }) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('button');
    button.disabled = true;
    say(busy);
    try {
      const response = await fetch(`/api/v1/auth${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(fieldsOf(form.elements)),
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

export function say(text) {
  status.textContent = text;
}
