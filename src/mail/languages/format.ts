/** Amounts and moments as a language writes them. Intl knows the plurals and the names of the months. */

/** "1 minute", "72 hours". */
export const amountIn = (locale: string) => (count: number, unit: 'minute' | 'hour') =>
  new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count);

/** In UTC: where the reader is, nobody knows. */
export const momentIn = (locale: string) => (at: Date) =>
  `${new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(at)} UTC`;
