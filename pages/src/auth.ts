/** The client of this page. Pages do nothing with the API that the client does not do. */
import { createGatehouse } from '../../packages/client/src/index.ts';

export const auth = createGatehouse({ url: location.origin });

/** On another page, and this one is not in the history any more. */
export const leaveFor = (url: string): void => location.replace(url);
