/** The HTTP door of the admin Worker. While one of the three is missing, it is closed: only other Workers get in. */
import { optionalOrigin, optionalText } from '../fields.ts';
import { admin } from '../setting.ts';

export const operators = {
  accessIssuer: admin(
    optionalOrigin,
    'The team of Cloudflare Access that lets operators in, such as https://acme.cloudflareaccess.com. Its keys are fetched from there.',
  ),
  accessAudience: admin(
    optionalText,
    'The audience tag (AUD) of the Access application in front of the admin Worker.',
  ),
  adminOrigin: admin(optionalOrigin, 'The origin at which operators open the admin Worker.'),
};
