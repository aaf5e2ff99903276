/** The language of a person, as a BCP 47 tag. */

/** Of somebody who named none (RFC 5646 section 4.1). */
export const UNDETERMINED = 'und';

const MAX_HEADER = 200;
const TAG = /^[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$/i;

/** The language that a client prefers (RFC 9110 section 12.5.4). Undefined when it names none. */
export function preferredLanguage(acceptLanguage: string | undefined): string | undefined {
  const ranges = (acceptLanguage ?? '').slice(0, MAX_HEADER).split(',');
  const weighed = ranges.map((range) => {
    const [tag = '', ...parameters] = range.trim().split(/\s*;\s*/);
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
    return { tag: tag.toLowerCase(), quality: Number(quality) || 0 };
  });
  // The sort is stable: of two with equal weight the first one wins.
  const [best] = weighed
    .filter(({ tag, quality }) => TAG.test(tag) && quality > 0)
    .sort((one, other) => other.quality - one.quality);
  return best?.tag;
}
