/** Where the requests of the Worker go: to the gateway what is meant for Neon and Upstash, to the network the rest. */
type Env = { GATEWAY: Fetcher; NETWORK: Fetcher };

const GATEWAY_HOSTS = ['api.gateway.internal', 'redis.gateway.internal'];

export default {
  fetch(request: Request, { GATEWAY, NETWORK }: Env): Promise<Response> {
    const { hostname, pathname } = new URL(request.url);
    if (!GATEWAY_HOSTS.includes(hostname)) return NETWORK.fetch(request);
    return GATEWAY.fetch(new Request(`http://localhost${pathname}`, request));
  },
};
