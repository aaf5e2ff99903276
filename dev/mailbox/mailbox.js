/**
 * Shows the mailbox and keeps it fresh. A message that is shown stays as it is, so an open one never
 * flickers. Everything from a mail goes into text nodes, or into a sandboxed frame.
 */
const POLL_MS = 1_000;

const one = (selector, from = document) => from.querySelector(selector);
const list = one('#messages');
const filter = one('#to');
const mail = one('#mail');
const opened = new Set(JSON.parse(localStorage.getItem('opened') ?? '[]'));
let messages = [];

/** Six digits that stand alone: not a part of a link or of a longer number. */
const codePattern = /(?<![\w./=-])\d{6}(?![\w/=-])/;
const linkPattern = /https?:\/\/\S+#token=\S+/;

async function refresh() {
  try {
    messages = await (await fetch('/api/messages')).json();
    showList();
  } catch {
    one('#state').textContent = 'The local stack is not running.';
  }
  setTimeout(refresh, POLL_MS);
}

function showList() {
  const wanted = filter.value.trim().toLowerCase();
  const shown = messages.filter(({ to }) => to.toLowerCase().includes(wanted));
  const ids = new Set(shown.map(({ id }) => id));
  for (const item of [...list.children]) if (!ids.has(item.id)) item.remove();
  // Those that are there already stand in the right order: only what is new is put between them.
  for (const [at, message] of shown.entries())
    if (list.children[at]?.id !== message.id) list.insertBefore(itemOf(message), list.children[at] ?? null);
  list.hidden = shown.length === 0;
  one('#empty').hidden = messages.length > 0;
  one('#state').textContent = `${messages.length} received · waiting for more`;
  if (!messages.some(({ id }) => `#${id}` === location.hash)) mail.hidden = true;
  else if (mail.hidden) open();
}

function itemOf({ id, to, subject, text, receivedAt }) {
  const item = one('#message').content.firstElementChild.cloneNode(true);
  item.id = id;
  item.classList.toggle('unread', !opened.has(id));
  one('a', item).href = `#${id}`;
  one('.to', item).textContent = to;
  one('.subject', item).textContent = subject;
  one('time', item).dateTime = receivedAt;
  one('time', item).textContent = new Date(receivedAt).toLocaleTimeString();
  const kinds = [codePattern.test(text) && 'Code', linkPattern.test(text) && 'Link'].filter(Boolean);
  one('.kinds', item).append(...kinds.map(badge));
  return item;
}

function badge(words) {
  const element = document.createElement('span');
  element.className = 'badge tint';
  element.textContent = words;
  return element;
}

/** Shows the mail that the address bar names. */
function open() {
  const message = messages.find(({ id }) => `#${id}` === location.hash);
  mail.hidden = message === undefined;
  for (const link of list.querySelectorAll('a'))
    link.toggleAttribute('aria-current', link.hash === location.hash);
  if (message === undefined) return;
  const { id, to, from, subject, text, html, receivedAt } = message;
  opened.add(id);
  localStorage.setItem('opened', JSON.stringify([...opened]));
  document.getElementById(id)?.classList.remove('unread');
  one('#subject').textContent = subject;
  one('#recipient').textContent = to;
  one('#sender').textContent = from;
  one('#sent').dateTime = receivedAt;
  one('#sent').textContent = new Date(receivedAt).toLocaleString();
  const code = codePattern.exec(text)?.[0];
  const link = linkPattern.exec(text)?.[0];
  one('#code').textContent = code ?? '';
  one('#code').hidden = one('#copy').hidden = code === undefined;
  one('#copy').textContent = 'Copy code';
  one('#link').hidden = link === undefined;
  if (link !== undefined) one('#link').href = link;
  one('[data-shows=html]').src = `/messages/${id}`;
  one('[data-shows=text]').textContent = text;
  one('[data-shows=source]').textContent = html;
}

one('.tabs').addEventListener('click', ({ target }) => {
  const { part } = target.dataset;
  if (part === undefined) return;
  for (const tab of document.querySelectorAll('.tabs button')) tab.ariaPressed = String(tab === target);
  for (const shown of document.querySelectorAll('[data-shows]')) shown.hidden = shown.dataset.shows !== part;
});
one('#copy').addEventListener('click', async () => {
  await navigator.clipboard.writeText(one('#code').textContent);
  one('#copy').textContent = 'Copied';
});
one('#clear').addEventListener('click', () => fetch('/api/messages', { method: 'DELETE' }));
filter.addEventListener('input', showList);
addEventListener('hashchange', () => {
  open();
  if (!mail.hidden) one('#subject').focus({ preventScroll: true });
});
await refresh();
