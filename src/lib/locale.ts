/** The language a client asks for first (RFC 9110 section 12.5.4), as a BCP 47 tag; undefined when it names none. */
const MAX_HEADER = 200;
const TAG = /^[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$/i;

export function preferredLanguage(acceptLanguage: string | undefined): string | undefined {
  const ranges = (acceptLanguage ?? '').slice(0, MAX_HEADER).split(',');
  const weighed = ranges.map((range) => {
    const [tag = '', ...parameters] = range.trim().split(/\s*;\s*/);
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
    return { tag: tag.toLowerCase(), quality: Number(quality) || 0 };
  });
  // A stable sort: of equal weights the first one named wins.
  const [best] = weighed
    .filter(({ tag, quality }) => TAG.test(tag) && quality > 0)
    .sort((one, other) => other.quality - one.quality);
  return best?.tag;
}
