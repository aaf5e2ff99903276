// What every page behind a link with a token does: opening it changes nothing. The token stays in the fragment, which
// no server sees, until the person sends the form; mail scanners open links, but they press no button.
import { say, sendForm } from './form.js';

const token = new URLSearchParams(location.hash.slice(1)).get('token');

if (!token) say('This link is incomplete. Open it again from the mail.');

/** Sends the token with what `fieldsOf` takes from the form. */
export function sendLink({ fieldsOf = () => ({}), ...rest }) {
  sendForm({ ...rest, fieldsOf: (fields) => ({ token, ...fieldsOf(fields) }) });
}
