import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { readApiConfig } from '../../src/config/read.ts';
import { relyingParty } from '../../src/config/relying-party.ts';
import { startGatehouse } from '../support/gatehouse.ts';

const bindings = env as unknown as Record<string, string>;
const ANDROID = 'android:apk-key-hash:pNiP5iKyQ8JwgGOaKA1zGPUPJIS-0H1xKCQcfIoGLck';

test('passkeys belong to the host of ISSUER, or to the domain that is set', () => {
  const issuer = { ...bindings, ISSUER: 'https://auth.acme.test' };
  expect(relyingParty(readApiConfig(issuer))).toEqual({
    rpId: 'auth.acme.test',
    origins: ['https://auth.acme.test'],
  });
  const app = { ALLOWED_ORIGINS: 'https://app.acme.test', PASSKEY_APPS: `${ANDROID},https://acme.test` };
  expect(relyingParty(readApiConfig({ ...issuer, ...app, RP_ID: 'acme.test' }))).toEqual({
    rpId: 'acme.test',
    origins: ['https://auth.acme.test', 'https://app.acme.test', ANDROID, 'https://acme.test'],
  });
});

test.each([
  ['RP_ID', ['https://acme.test', 'acme.test:8443', 'Acme.test', 'acme.test/app', '127.0.0.1', 'a b']],
  ['PASSKEY_APPS', ['android:com.acme', 'http://acme.test', 'https://acme.test/app', '*']],
])('%s is refused when no browser or system would say it like that', (name, values) => {
  for (const value of values)
    expect(() => readApiConfig({ ...bindings, [name]: value }), value).toThrow(`${name} is not a`);
});

test('the pages that may use passkeys are published on the host that they belong to, and nowhere else', async () => {
  const settings = { ALLOWED_ORIGINS: 'https://app.acme.test', PASSKEY_APPS: ANDROID };
  const gatehouse = startGatehouse(settings);
  const { status, body, headers } = await gatehouse.get('//.well-known/webauthn');
  expect(status).toBe(200);
  expect(body).toEqual({ origins: [new URL(gatehouse.config.issuer).origin, 'https://app.acme.test'] });
  expect(headers.get('Cache-Control')).toBe('public, max-age=3600');
  const elsewhere = startGatehouse({ ...settings, RP_ID: 'acme.test' });
  expect(await elsewhere.get('//.well-known/webauthn')).toMatchObject({
    status: 404,
    body: { code: 'not_found' },
  });
});
