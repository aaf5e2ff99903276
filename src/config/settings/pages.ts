/** The pages for people that this service brings along, and whose they look like. */
import { brandColours, logoFile, optionalOneOf, optionalPage, returnUrls, whole } from '../fields.ts';
import { api } from '../setting.ts';

export const pages = {
  pages: api(
    optionalOneOf(['on', 'off']),
    'Whether the pages are served (log-in, sign-up, account, the pages behind mailed links): `on` or `off`. Empty: on in local work, otherwise off.',
  ),
  returnUrls: api(
    returnUrls,
    'Where `?returnTo=` may lead after a log-in: comma-separated URLs. A path that ends with `/` allows everything below it; any other stands for itself.',
  ),
  brandLogo: api(
    logoFile,
    'The logo on the pages: a file of `pages/brand/` (SVG, PNG or WebP), which the Worker serves itself.',
  ),
  brandLight: api(
    brandColours('light'),
    'Colours of the pages in the light scheme, such as `accent=#0b5d4b,link=#0b5d4b`; also accentInk (words on the accent), accentEdge (its border), tint. A pair that is hard to read is refused.',
  ),
  brandDark: api(brandColours('dark'), 'The same in the dark scheme.'),
  brandRadius: api(whole(8, 0, 16), 'How round corners are, in pixels.'),
  termsUrl: api(optionalPage, 'Your terms, in the foot of the pages and at sign-up. Empty: no link.'),
  privacyUrl: api(optionalPage, 'Your privacy notice, likewise.'),
};
