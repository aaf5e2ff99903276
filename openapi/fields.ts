/**
 * What the document says of single fields, and which schemas are its shared components. Found by identity: a field
 * that several endpoints have is one schema in src/, and is described here once.
 */
import { exportRoute } from '../src/account/export.route.ts';
import { historyRoute } from '../src/account/history.route.ts';
import { deleteMeRoute } from '../src/account/me.route.ts';
import { proofField } from '../src/factor/answer.route.ts';
import { assertionField, attestationField } from '../src/factor/passkey-fields.ts';
import { beginPasskeyRoute } from '../src/factor/passkeys.route.ts';
import { stepUpRoute } from '../src/factor/step-up.route.ts';
import * as fields from '../src/http/fields.ts';
import { transportHeader } from '../src/http/transport.ts';
import { loggedInFields, owingFields } from '../src/session/logged-in.route.ts';
import { logoutRoute } from '../src/session/logout.route.ts';
import { listSessionsRoute } from '../src/session/sessions.route.ts';
import { component, note } from './notes.ts';
import { EXAMPLE } from './words/example.ts';

export function describeFields(): void {
  note(fields.emailField, { type: 'string', format: 'email', maxLength: 254, example: EXAMPLE.email });
  note(fields.passwordField, { format: 'password', example: EXAMPLE.password });
  note(fields.newPasswordField, {
    format: 'password',
    description: '8 to 256 characters, counted in NFC.',
    minLength: 8,
    maxLength: 256,
    example: EXAMPLE.newPassword,
  });
  note(fields.nameField, { minLength: 1, maxLength: 100, example: EXAMPLE.name });
  note(fields.idField, { example: EXAMPLE.id });
  note(fields.codeField, { example: EXAMPLE.code });
  note(fields.linkTokenField, { description: 'The token of the mailed link.' });
  note(fields.refreshTokenField, { description: 'The refresh token, as it was given.' });
  note(fields.deviceTokenField, {
    description:
      "The device token of the last login on this device. It opens nothing; it tells your devices from a stranger's.",
  });
  note(fields.instantField, { example: EXAMPLE.instant });
  note(fields.tokenFields.accessToken, { description: 'A JWT for `Authorization: Bearer`.' });
  note(fields.tokenFields.refreshToken, {
    description:
      'Only for refresh and logout. Each refresh replaces it. With cookies it is in `__Host-refresh`.',
  });
  note(fields.tokenFields.expiresIn, {
    description: 'Seconds until the access token expires.',
    example: EXAMPLE.tokens.expiresIn,
  });
  note(transportHeader.shape['X-Gatehouse-Transport'], {
    description:
      'How refresh and device tokens travel: in bodies (the default), or in cookies that no script can read. Cookies ' +
      'are for pages of an allowed origin.',
  });
  describeSession();
  describeAccount();
}

function describeSession(): void {
  const session = listSessionsRoute.data.shape.sessions.element;
  component(fields.profileFields, 'User', 'A person, as they see themselves.');
  component(session, 'Session', 'One login on one device.');
  note(session.shape.current, { description: 'Whether it is the session of this request.' });
  note(session.shape.browser, { example: 'Firefox' });
  note(session.shape.device, { example: 'Mac' });
  note(session.shape.place, { example: 'Lisbon, PT' });
  component(
    owingFields,
    'SecondFactorOwed',
    'The password was right, and there is no session yet: go on with /login/mfa, or, for `enrolment`, with /login/enrol.',
  );
  note(owingFields.shape.methods, { description: 'What can be proven next.' });
  note(owingFields.shape.expiresIn, { description: 'Seconds until the ticket expires.', example: 300 });
  note(fields.ticketField, { description: 'The ticket of the step before.' });
  note(fields.recoveryCodeField, { example: EXAMPLE.recoveryCodes[0] });
  component(proofField, 'Proof', 'A fresh proof of who is asking.');
  component(attestationField, 'NewPasskey', 'What `navigator.credentials.create()` gave, by `toJSON()`.');
  component(assertionField, 'PasskeyAnswer', 'What `navigator.credentials.get()` gave, by `toJSON()`.');
  component(fields.passkeyRequestFields, 'PasskeyRequest', 'For `navigator.credentials.get()`.');
  component(
    beginPasskeyRoute.data.shape.options,
    'PasskeyCreation',
    'For `navigator.credentials.create()`, by `PublicKeyCredential.parseCreationOptionsFromJSON()`.',
  );
  component(stepUpRoute.body.shape.act, 'Act', 'What a ticket is for.');
  note(loggedInFields.shape.deviceToken, {
    description: 'For the next login on this device. With cookies it is in `__Host-device`.',
  });
  note(logoutRoute.body.shape.forgetDevice, {
    description: 'With cookies: whether the device cookie is removed too. By default it stays.',
  });
}

function describeAccount(): void {
  const [event, exported] = [historyRoute.data.shape.events.element, exportRoute.data.shape];
  const [session, mail] = [exported.sessions.element.shape, exported.mails.element.shape];
  component(event, 'SecurityEvent', 'Something that happened to the account.');
  component(event.shape.kind, 'EventKind', 'What happened.');
  component(exported.events.element.shape.kind, 'EventKind', 'What happened.');
  note(event.shape.client, { description: 'The address of the client.', example: '203.0.113.7' });
  note(event.shape.device, { example: 'Firefox on Mac' });
  note(historyRoute.query.shape.limit, { type: 'integer', minimum: 1, maximum: 100, default: 20 });
  note(historyRoute.query.shape.cursor, { description: 'The nextCursor of the page before.' });
  component(exportRoute.data, 'Export', 'Everything that is stored about a person.');
  component(mail.kind, 'MailKind', 'Which mail it was.');
  note(session.endedBy, { description: 'Why the session has ended; null while it has not.' });
  note(session.amr, { description: 'How you proved your identity (RFC 8176).' });
  note(deleteMeRoute.data.shape.erasedAt, { description: 'When all data is erased.' });
}
