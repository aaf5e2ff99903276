/**
 * Shows the mailbox and keeps it fresh. A message that is shown stays as it is, so an open one never
 * flickers. Everything from a mail goes into text nodes, or into a sandboxed frame.
 */
const POLL_MS = 1_000;

const list = document.querySelector('#messages');
const state = document.querySelector('#state');
const template = document.querySelector('#message');

/** Six digits that stand alone: not a part of a link or of a longer number. */
const codePattern = /(?<![\w./=-])\d{6}(?![\w/=-])/;

async function refresh() {
  try {
    const response = await fetch('/api/messages');
    show(await response.json());
  } catch {
    state.textContent = 'The local stack is not running.';
  }
  setTimeout(refresh, POLL_MS);
}

/** Moves nothing that stays: a frame that is moved loads again. */
function show(messages) {
  const ids = new Set(messages.map(({ id }) => id));
  for (const item of [...list.children]) if (!ids.has(item.id)) item.remove();
  list.prepend(...messages.filter(({ id }) => !document.getElementById(id)).map(itemOf));
  state.textContent = messages.length === 0 ? 'No mail yet.' : `${messages.length} received`;
}

function itemOf({ id, to, subject, text, receivedAt }) {
  const item = template.content.firstElementChild.cloneNode(true);
  const part = (selector) => item.querySelector(selector);
  item.id = id;
  part('.to').textContent = to;
  part('.subject').textContent = subject;
  part('.code').textContent = codePattern.exec(text)?.[0] ?? '';
  part('.text').textContent = text;
  part('time').dateTime = receivedAt;
  part('time').textContent = new Date(receivedAt).toLocaleTimeString();
  part('details').addEventListener('toggle', () => {
    part('iframe').src ||= `/messages/${id}`;
  });
  return item;
}

document
  .querySelector('#clear')
  .addEventListener('click', () => fetch('/api/messages', { method: 'DELETE' }));
await refresh();
