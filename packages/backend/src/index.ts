/** For apps that render on a server and call Gatehouse for their people. */
import { type ClientCall, clientHeader } from './client-header.ts';

export { type ClientCall, clientHeader };
