/** A Worker that does nothing: what the runtime and the load cost by themselves. */
export default { fetch: () => new Response('ok') };
