/** Whom passkeys are for (WebAuthn). */
import { apps, optionalHost } from '../fields.ts';
import { api } from '../setting.ts';

export const passkeys = {
  rpId: api(
    optionalHost,
    'The domain that passkeys belong to: that of your pages, or the one above it. Empty: the host of ISSUER. With another one no passkey works any more, so `/health/ready` fails while there are passkeys of a former one.',
  ),
  passkeyApps: api(
    apps,
    'Apps that may use passkeys, besides the pages of ISSUER and ALLOWED_ORIGINS: `android:apk-key-hash:` and the hash of the certificate, `https://` and RP_ID for iOS. Comma-separated.',
  ),
};
