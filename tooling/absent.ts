/** Stands in a bundle for a package that another one imports and we never call (`alias` of wrangler.toml). */
export class Analytics {}
