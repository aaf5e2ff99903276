/** Where a log-in on our pages may lead: to what RETURN_URLS lists, and nowhere else (OWASP ASVS 3.7.2). */

/** The URL, as it was parsed and compared, or undefined. A listed path that ends with `/` stands for all below it. */
export function allowedReturn(returnUrls: readonly string[], asked: string | undefined): string | undefined {
  const url = asked === undefined ? null : URL.parse(asked);
  // A name or password in a URL looks like another host.
  if (url === null || url.username !== '' || url.password !== '') return undefined;
  const bare = url.origin + url.pathname;
  return returnUrls.some((one) => (one.endsWith('/') ? bare.startsWith(one) : bare === one))
    ? url.href
    : undefined;
}
