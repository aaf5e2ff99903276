/**
 * Names the browser and the system of a User-Agent, in words that people know. It is the claim of the client: good
 * enough to recognise one's own devices in a list, and for nothing else. What is unknown is null and never guessed.
 */

export type DeviceName = { browser: string | null; device: string | null };

/** The first one that fits counts. Browsers that also name another browser come first. */
const BROWSERS: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS)\//, 'Chrome'],
  [/ Safari\//, 'Safari'],
  [/^curl\//, 'curl'],
];

const DEVICES: [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'Chromebook'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac(?:intosh| OS X)\b/, 'Mac'],
  [/\bLinux\b/, 'Linux'],
];

export const deviceName = (userAgent: string | null): DeviceName => ({
  browser: firstOf(BROWSERS, userAgent ?? ''),
  device: firstOf(DEVICES, userAgent ?? ''),
});

/** "Firefox on Linux", or the part of it that is known. */
export function describeDevice(userAgent: string | null): string | null {
  const { browser, device } = deviceName(userAgent);
  return browser && device ? `${browser} on ${device}` : (browser ?? device);
}

const firstOf = (table: [RegExp, string][], userAgent: string) =>
  table.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;
