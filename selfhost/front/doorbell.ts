/** The mail queue: it takes every message and keeps none. The jobs look into the outbox every second by themselves. */
export default {
  fetch: (): Response => Response.json({}),
};
