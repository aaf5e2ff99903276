/**
 * Stands in front of the API Worker in plain workerd, as Cloudflare's edge does elsewhere. The Worker believes what the
 * edge says in `CF-*` headers, so those of a client are deleted here.
 */
import { clientAddress, parseNetworks } from './client-address.ts';

type Env = { API: Fetcher; TRUSTED_PROXIES: string; CLIENT_ADDRESS_HEADER: string };

let trusted: ReturnType<typeof parseNetworks> | undefined;

export default {
  fetch(request: Request, env: Env): Promise<Response> {
    trusted ??= parseNetworks(env.TRUSTED_PROXIES);
    const headers = new Headers(request.headers);
    for (const name of [...headers.keys()]) if (name.startsWith('cf-')) headers.delete(name);
    const { clientIp } = (request.cf ?? {}) as { clientIp?: string };
    const client = clientAddress(clientIp, headers.get(env.CLIENT_ADDRESS_HEADER), trusted);
    if (client !== undefined) headers.set('CF-Connecting-IP', client);
    return env.API.fetch(new Request(request, { headers }));
  },
};
