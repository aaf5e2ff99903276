/** What a request says of itself is kept no longer, and believed no further, than it may be. */
import { expect, test } from 'vitest';
import { startGatehouse } from '../support/gatehouse.ts';
import { resident } from '../support/person.ts';

const gatehouse = startGatehouse();

test('a ray id of the edge names the request; what has not its form does not', async () => {
  const requestId = async (ray: string) =>
    (await gatehouse.get('/me', { headers: { 'CF-Ray': ray } })).body.requestId;
  expect(await requestId('8f2d1c0aabbccdde-FRA')).toBe('8f2d1c0aabbccdde-FRA');
  for (const ray of ['<script>alert(1)</script>', '8f2d1c0a bbccdde', 'short', 'x'.repeat(41), '"', ''])
    expect(await requestId(ray)).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
});

test('of a User-Agent the first two hundred characters are kept', async () => {
  const { email, password } = await resident(gatehouse);
  const headers = { 'User-Agent': `Agent/${'x'.repeat(500)}` };
  const { body } = await gatehouse.post('/login', { email, password }, { headers });
  const held = await gatehouse.get('/me/export', { token: body.data.accessToken });
  expect(held.body.data.sessions[0].userAgent).toBe(`Agent/${'x'.repeat(194)}`);
});
