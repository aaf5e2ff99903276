/**
 * Takes the place of a package in the bundle: one that another package imports and that we never call (`alias` in
 * wrangler.toml).
 */
export class Analytics {}
