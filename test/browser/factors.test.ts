/** Second factors and passkeys in a real browser, with the client's second entry and a virtual authenticator. */
import { describe, expect, test } from 'vitest';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { clientOn } from '../support/client-page.ts';
import { residentAt } from '../support/stack-client.ts';
import { codeAt, stepOf } from '../support/totp-app.ts';

const AUTHENTICATOR = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

/** The code of this step, or of the next one, which is accepted as well. */
const codeOf = (secret: string, away = 0) =>
  codeAt(secret, stepOf({ clock: { now: () => new Date(), travel: () => {} } }) + away);

describe.skipIf(!whereBrowser)('a page with the client and its factors', () => {
  const { open, profile } = useChromium();

  test('enrols an app, trusts the device, uses a recovery code; adds a passkey, logs in by autofill, steps up, removes it', async () => {
    const ada = await residentAt(place);
    const who = { email: ada.email, password: ada.password };
    const page = await clientOn(await open(place.app));
    const { run } = page;
    const authenticator = await profile().newCDPSession(page.page);
    await authenticator.send('WebAuthn.enable');
    await authenticator.send('WebAuthn.addVirtualAuthenticator', { options: AUTHENTICATOR });
    await page.page.evaluate('Object.assign(globalThis, { factors: factorsOf(auth) })');
    // What runs in the page sees the factors of its client by the client that it is given.
    const call = <T>(work: string, given?: unknown) =>
      page.page.evaluate(`(${work})(factors, ${JSON.stringify(given)})`) as Promise<T>;
    const challengeOfLogin = () =>
      run((auth, given) => auth.logIn(given).catch((error: { challenge: unknown }) => error.challenge), who);

    await run((auth, given) => auth.logIn(given), who);
    const { secret, ticket } = await call<{ secret: string; ticket: string }>(
      '(factors, proof) => factors.beginApp({ proof })',
      { password: ada.password },
    );
    const recoveryCodes = await call<string[]>('(factors, given) => factors.confirmApp(given)', {
      ticket,
      code: codeOf(secret),
    });
    expect(recoveryCodes).toHaveLength(10);

    await run((auth) => auth.logOut());
    const challenge = await challengeOfLogin();
    expect(challenge.methods).toEqual(['totp', 'recovery']);
    const finish = '(factors, [challenge, answer]) => factors.finish(challenge, answer)';
    await call(finish, [challenge, { code: codeOf(secret, 1), trustDevice: true }]);
    await run((auth) => auth.logOut());
    expect((await run((auth, given) => auth.logIn(given), who)).email).toBe(ada.email);

    await run((auth) => auth.logOut({ forgetDevice: true }));
    await call(finish, [await challengeOfLogin(), { recoveryCode: recoveryCodes[0] }]);
    expect(
      (await call<{ recoveryCodes: { left: number } }>('(factors) => factors.list()')).recoveryCodes.left,
    ).toBe(9);

    const added = await call<{ id: string }>('(factors, given) => factors.addPasskey(given)', {
      name: 'Laptop',
      proof: { recoveryCode: recoveryCodes[1] },
    });
    await run((auth) => auth.logOut());
    expect(await call('(factors) => factors.canAutofill()')).toBe(true);
    await page.page.evaluate(`document.body.innerHTML = '<input autocomplete="username webauthn">'`);
    const byAutofill = '(factors) => factors.logInWithPasskey({ autofill: true })';
    expect((await call<{ email: string }>(byAutofill)).email).toBe(ada.email);
    await run((auth) => auth.logOut());
    expect((await call<{ email: string }>('(factors) => factors.logInWithPasskey()')).email).toBe(ada.email);

    await run((auth) => auth.logOut());
    const withPasskey = '(factors, challenge) => factors.finishWithPasskey(challenge)';
    expect((await call<{ email: string }>(withPasskey, await challengeOfLogin())).email).toBe(ada.email);

    const steppedUp = `async (factors, id) => {
      const proof = await factors.stepUp({ purpose: 'remove-passkey', target: id });
      await factors.removePasskey({ id, proof });
    }`;
    await call(steppedUp, added.id);
    expect((await call<{ passkeys: unknown[] }>('(factors) => factors.list()')).passkeys).toEqual([]);
  });
});
