/** What the provider says became of a mail, as we read it. */
import { expect, test } from 'vitest';
import { readReport } from '../../src/mail/report.ts';

const mailId = crypto.randomUUID();
const said = (type: string, data: Record<string, unknown> = {}) =>
  readReport({
    type,
    created_at: '2026-01-31T12:00:00.000Z',
    data: { to: ['Ada@Example.COM'], tags: { mail: mailId }, ...data },
  });

test.each([
  ['email.delivered', {}, 'delivered', undefined],
  ['email.complained', {}, 'complained', 'ada@example.com'],
  ['email.suppressed', {}, 'bounced', 'ada@example.com'],
  ['email.bounced', { bounce: { type: 'Permanent' } }, 'bounced', 'ada@example.com'],
  ['email.bounced', { bounce: { type: 'Transient' } }, 'bounced', undefined],
  ['email.bounced', {}, 'bounced', undefined],
])(
  '%s with %j is %s, and silences %s in the form that we know the address by',
  (type, data, report, suppress) => {
    expect(said(type, data)).toEqual({ mailId, report, at: new Date('2026-01-31T12:00:00.000Z'), suppress });
  },
);

test('what is not about one mail of ours is nothing', () => {
  expect(said('email.opened')).toBeUndefined();
  expect(said('email.delivered', { tags: {} })).toBeUndefined();
  expect(said('email.delivered', { tags: { mail: 'x' } })).toBeUndefined();
  expect(said('email.delivered', { to: ['a@example.com', 'b@example.com'] })).toBeUndefined();
  expect(readReport(null)).toBeUndefined();
});
