import { expect, test } from 'vitest';
import { canonicalEmail } from '../../src/lib/email-address.ts';

/** 64 characters before the @, 254 in all. */
const LONGEST = `${'a'.repeat(64)}@${'abcdefgh.'.repeat(20)}abcde.com`;

test.each([
  ['ada@example.com', 'ada@example.com'],
  ['  Ada.Lovelace@EXAMPLE.com\n', 'ada.lovelace@example.com'],
  ['ada+news@example.com', 'ada+news@example.com'],
  ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
  ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
  ['ada@bücher.EXAMPLE', 'ada@xn--bcher-kva.example'],
  ["o'neil@example.co.uk", "o'neil@example.co.uk"],
  [LONGEST, LONGEST],
])('%j is %s', (input, canonical) => {
  expect(canonicalEmail(input)).toBe(canonical);
});

test.each([
  '',
  'ada',
  '@example.com',
  'ada@',
  'ada@localhost',
  'ada@127.0.0.1',
  'ada@[127.0.0.1]',
  'ada@0x7f.1',
  'ada@example.com@evil.example',
  '"ada"@example.com',
  'ada(comment)@example.com',
  'ada @example.com',
  'ada@exa mple.com',
  'ada@example..com',
  'ada@example-.com',
  'ada@ex%61mple.com',
  'ada@bücher\u3002com',
  'ada@-example.com',
  '.ada@example.com',
  'ada.@example.com',
  'a..da@example.com',
  'adä@example.com',
  'ada@example.com\r\nBcc: eve@example.com',
  'ada@example.com,eve@example.com',
  'ada@example.com/path',
  'ada@user:pw@example.com',
  'ada\u0000@example.com',
  'ada@ｅｘａｍｐｌｅ.com',
  'ada@\u212aelvin.example',
  '\u212aelvin@example.com',
  'ada@example\u3002com',
  '\u00a0ada@example.com',
  'ada@example.com\ufeff',
  'a\u200bda@example.com',
  'ada@exam\u00adple.com',
  LONGEST.replace('.com', 'f.com'),
  `${'a'.repeat(65)}@example.com`,
  `ada@${'a'.repeat(64)}.com`,
  `ada@${'abcdefgh.'.repeat(30)}com`,
])('%j is no address', (input) => {
  expect(canonicalEmail(input)).toBeUndefined();
});
