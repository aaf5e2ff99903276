/** Where the first Worker of the local stack passes requests on to the admin Worker. wrangler serves only the first. */
export const ADMIN_PATH = '/.local-admin-worker';
