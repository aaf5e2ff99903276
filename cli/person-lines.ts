/** People as lines for a terminal. */
import type { FoundPerson } from '../src/store/people.ts';
import type { PersonPage } from '../src/store/person-page.ts';
import type { Output } from './command.ts';

const time = (at: Date | null): string => at?.toISOString().replace(/\.\d+Z$/, 'Z') ?? '';

/** Rows as columns of equal width. What people wrote has no control characters, so it cannot rule the terminal. */
function table(output: Output, rows: (string | null)[][]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  for (const row of rows) {
    const cells = row.map((cell, column) => visible(cell ?? '').padEnd(widths[column] ?? 0));
    output.line(`  ${cells.join('  ')}`.trimEnd());
  }
}

/** A User-Agent is text of a stranger. */
const visible = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '?');

export function tellPeople(output: Output, people: FoundPerson[]): void {
  table(
    output,
    people.map(({ id, email, name, state, createdAt }) => [id, state, email, name, time(createdAt)]),
  );
  output.line(people.length === 1 ? '1 person' : `${people.length} people`);
}

export function tellPage(output: Output, page: PersonPage): void {
  const { account, factors, counters, sessions, history, mails } = page;
  for (const [name, value] of Object.entries(account))
    if (value !== null)
      output.line(`${name.padEnd(18)}${visible(value instanceof Date ? time(value) : value)}`);
  tellFactors(output, factors);
  output.line(`Wrong passwords: ${counters.length === 0 ? 'none counted' : ''}`);
  table(
    output,
    counters.map(({ failures, inARow, lockedUntil, isSwitchedOff }) => [
      `${failures} in the window`,
      `${inARow} in a row`,
      isSwitchedOff ? 'switched off until a reset' : lockedUntil && `waits until ${time(lockedUntil)}`,
    ]),
  );
  output.line(`Live sessions: ${sessions.length}`);
  table(
    output,
    sessions.map(({ id, createdAt, lastUsedAt, client, place, userAgent }) => [
      ...[id, `since ${time(createdAt)}`, `used ${time(lastUsedAt)}`, client, place, userAgent],
    ]),
  );
  output.line('History, newest first:');
  table(
    output,
    history.map(({ at, kind, reason, client, operator, door, note }) => [
      ...[time(at), kind, reason ?? note, client, operator && `by ${operator} (${door})`],
    ]),
  );
  output.line('Mail, newest first:');
  table(
    output,
    mails.map(({ createdAt, kind, status, failure, report, to }) => [
      ...[time(createdAt), kind, status, failure ?? report, to],
    ]),
  );
}

function tellFactors(output: Output, factors: PersonPage['factors']): void {
  const { authenticatorSince, recoveryCodesUsed, removalDueAt, passkeys } = factors;
  const told = [
    authenticatorSince && `authenticator since ${time(authenticatorSince)}`,
    recoveryCodesUsed !== null && `${recoveryCodesUsed} of 10 recovery codes used`,
    ...passkeys.map(({ name, createdAt }) => `passkey "${visible(name)}" since ${time(createdAt)}`),
    removalDueAt && `to be removed at ${time(removalDueAt)}`,
  ].filter(Boolean);
  output.line(`Second factors: ${told.join(', ') || 'none'}`);
}
