/**
 * Shows delivery: the outbox row of each mail and the results at the provider. It can also make the provider fail.
 * Text nodes only, as in mailbox.js.
 */
const POLL_MS = 1_000;

const rows = document.querySelector('#outbox');
const orders = document.querySelector('#orders');
let shown = '';

async function refresh() {
  try {
    const [outbox, attempts, failures] = await Promise.all(
      ['/api/outbox', '/api/attempts', '/api/failures'].map(async (path) => (await fetch(path)).json()),
    );
    const state = JSON.stringify([outbox, attempts, failures]);
    if (state !== shown) show(outbox, attempts, failures);
    shown = state;
  } catch {
    orders.textContent = 'The local stack is not running.';
  }
  setTimeout(refresh, POLL_MS);
}

function show(outbox, attempts, failures) {
  const byMail = Map.groupBy(attempts, ({ idempotencyKey }) => idempotencyKey);
  rows.replaceChildren(...outbox.map((mail) => rowOf(mail, byMail.get(mail.id) ?? [])));
  orders.textContent =
    failures.length === 0
      ? 'The provider works.'
      : failures
          .map(({ kind, next, to }) => `${next ?? 'All'} sends${to ? ` to ${to}` : ''} will get: ${kind}.`)
          .join(' ');
}

function rowOf({ createdAt, to, kind, status, attempts, failure, report, isSuppressed }, sends) {
  const met = sends.map(({ outcome }) => outcome).reverse();
  const notes = [
    failure,
    report,
    isSuppressed && 'suppressed',
    met.length > 0 && `provider: ${met.join(', ')}`,
  ];
  const row = document.createElement('li');
  const state = document.createElement(status === 'failed' ? 'strong' : 'span');
  state.textContent = status;
  const what = [
    `${new Date(createdAt).toLocaleTimeString()} ${kind} to ${to}: `,
    state,
    ` after ${attempts} attempts`,
  ];
  row.append(...what, ...notes.filter(Boolean).map((note) => ` · ${note}`));
  return row;
}

document.querySelector('#fail').addEventListener('submit', (event) => {
  event.preventDefault();
  const { next, kind } = Object.fromEntries(new FormData(event.target));
  void fetch('/api/failures', { method: 'PUT', body: JSON.stringify({ kind, next: Number(next) }) });
});
document
  .querySelector('#recover')
  .addEventListener('click', () => fetch('/api/failures', { method: 'DELETE' }));
await refresh();
