import { expect, test, vi } from 'vitest';
import { startGatehouse } from '../support/gatehouse.ts';
import { loggedIn } from '../support/person.ts';

test('a key is imported when it is first used, and not again for the tokens after', async () => {
  const gatehouse = startGatehouse();
  const once = async (refreshToken: string) => {
    const { body } = await gatehouse.post('/refresh', { refreshToken });
    expect((await gatehouse.get('/me', { token: body.data.accessToken })).status).toBe(200);
    return body.data.refreshToken;
  };
  const first = await once((await loggedIn(gatehouse)).refreshToken);

  const importKey = vi.spyOn(crypto.subtle, 'importKey');
  const second = await once(first);
  await once(second);
  expect(importKey).not.toHaveBeenCalled();
  importKey.mockRestore();
});
