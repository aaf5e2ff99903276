/** What the entries of this package share of a client: its parts stay out of the object that apps see. */
import type { Authorized } from './authorized.ts';
import type { Carrier } from './carrier.ts';
import type { Session } from './session.ts';
import type { Send } from './wire.ts';

export type Parts = { send: Send; session: Session; carrier: Carrier; own: Authorized };

export const partsOf: WeakMap<object, Parts> = new WeakMap();
